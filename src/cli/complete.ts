import { type Application, proposeCompletions } from "@stricli/core";
import type { Cli } from "./cli.ts";

/** Answers the shell: what may stand where the last of `words` stands, one a line. */
export async function complete(app: Application<Cli>, words: readonly string[], cli: Cli): Promise<void> {
  const proposals = await proposeCompletions(app, words, cli);
  for (const { completion } of proposals) cli.out.write(`${completion}\n`);
}
