import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import type { Home } from "../model/home.ts";
import type { EngineFile } from "./wire.ts";

/** Makes the home and its folders, for its owner alone. @throws GodelError HOME_UNUSABLE, DISK_FULL */
export function makeHome(home: Home): void {
  try {
    for (const dir of [home.dir, home.worktrees, home.attempts, home.agents, home.cache]) {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    }
  } catch (error) {
    const code = codeOf(error) === "ENOSPC" ? "DISK_FULL" : "HOME_UNUSABLE";
    throw new GodelError(code, `${home.dir}: ${messageOf(error)}`);
  }
}

/** Tells where the engine answers. Readers find the old file or the new one, never half of one. */
export function writeEngineFile(home: Home, file: EngineFile): void {
  const temporary = `${home.engineFile}.new`;
  writeFileSync(temporary, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, home.engineFile);
}

export function removeEngineFile(home: Home): void {
  rmSync(home.engineFile, { force: true });
}
