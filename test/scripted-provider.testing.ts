import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stage } from "./stage.testing.ts";

/** Puts the model at `url` where pi's users have theirs: `mine/scripted-1`, whose key is in MINE_KEY. */
export function offerModel(stage: Pick<Stage, "dir">, url: string): void {
  const piDir = join(stage.dir, "pi");
  mkdirSync(piDir);
  const cost = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 };
  const models = [{ id: "scripted-1", contextWindow: 100_000, cost }];
  const mine = { baseUrl: url, api: "openai-completions", apiKey: "$MINE_KEY", models };
  writeFileSync(join(piDir, "models.json"), JSON.stringify({ providers: { mine } }));
}
