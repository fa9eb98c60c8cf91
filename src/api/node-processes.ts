import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { codeOf } from "../lib/errors.ts";
import { acquireProcessLock } from "../lib/process-lock.ts";
import { isPidUsed } from "../lib/processes.ts";
import type { Home } from "../model/home.ts";
import type { NodeProcesses } from "./node-supervisor.ts";

/** Real processes, each on `home`. */
export function nodeProcesses(home: Home): NodeProcesses {
  return {
    nodeLives: () => nodeLives(home),
    nodePid: () => nodePid(home),
    isAlive: isPidUsed,
    kill,
    spawn: (onExit) => spawnNode(home, onExit),
  };
}

function nodePid(home: Home): number | null {
  if (!nodeLives(home) || !existsSync(home.nodePid)) return null;
  const pid = Number(readFileSync(home.nodePid, "utf8"));
  // Between its lock and its pid, a node has left its predecessor's there.
  return pid > 0 && isPidUsed(pid) ? pid : null;
}

function nodeLives({ nodeLock }: Home): boolean {
  try {
    acquireProcessLock(nodeLock).release();
    return false;
  } catch (error) {
    if (codeOf(error) !== "ENGINE_RUNNING") throw error;
    return true;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already, which is what was wanted.
  }
}

function spawnNode(home: Home, onExit: () => void): number | null {
  const log = openSync(home.nodeLog, "a", 0o600);
  const main = fileURLToPath(new URL("../node/main.ts", import.meta.url));
  // Detached, with files for its output: it must not go when the engine does.
  const child = spawn(process.execPath, [...process.execArgv, main], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, GODEL_HOME: home.dir },
  });
  closeSync(log);
  child.on("error", () => {});
  child.on("exit", onExit);
  child.unref();
  return child.pid ?? null;
}
