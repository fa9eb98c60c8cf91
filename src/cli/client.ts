/** The engine of a home. The command line is the first client of `godel/client`. */
import { GodelClient } from "../client/client.ts";
import { GodelError } from "../lib/errors.ts";
import type { Home } from "../model/home.ts";
import { readEngineFile } from "./engine-file.ts";

/** @throws GodelError ENGINE_UNREACHABLE where no engine has said where it listens. */
export function clientOf(home: Home): GodelClient {
  const engine = readEngineFile(home);
  if (engine === null) throw new GodelError("ENGINE_UNREACHABLE", `no engine runs in ${home.dir}.`);
  return new GodelClient(engine);
}
