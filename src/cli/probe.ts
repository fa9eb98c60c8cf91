import type { EngineFile, Health } from "../api/wire.ts";
import { GodelClient } from "../client/client.ts";
import { GodelError } from "../lib/errors.ts";
import type { Home } from "../model/home.ts";
import { readEngineFile } from "./engine-file.ts";

/** How long a live engine may take to say that it is well, in ms. It is busy at most for one turn of its loop. */
const answerMs = 5_000;

/** The engine of `home` that answers, or null: none, or one that was killed and left its file. */
export async function probe(home: Home): Promise<{ engine: EngineFile; health: Health } | null> {
  const engine = readEngineFile(home);
  if (engine === null) return null;
  try {
    // With the token, so that another program on the same port is not taken for ours.
    const health = await new GodelClient(engine).call("getHealth", { timeoutMs: answerMs });
    return { engine, health };
  } catch (error) {
    if (error instanceof GodelError) return null;
    throw error;
  }
}
