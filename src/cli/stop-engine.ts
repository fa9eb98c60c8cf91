/** Ends the engine and its node: asked first, made to only where asking fails, and never a process that is not ours. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import type { EngineFile } from "../api/wire.ts";
import { GodelClient } from "../client/client.ts";
import { type Millis, sleep } from "../lib/clock.ts";
import { killTree } from "../lib/process-tree.ts";
import { isAlive, listProcesses, type ProcessInfo } from "../lib/processes.ts";
import type { Cli } from "./cli.ts";
import { readEngineFile } from "./engine-file.ts";
import { probe } from "./probe.ts";

/** How long a stopping engine may take, in ms: it waits 15 s for its node, which waits for its agents. */
const leaveMs: Millis = 25_000;
/** Between SIGTERM and SIGKILL, in ms. */
const graceMs: Millis = 5_000;
const pollMs: Millis = 20;

/** Resolves once nothing of it is left; false when nothing ran. */
export async function stopEngine(cli: Cli): Promise<boolean> {
  const engine = readEngineFile(cli.home);
  if (engine === null) return false;
  const ours = await processesOf(engine);
  if (await probe(cli.home)) {
    await new GodelClient(engine).call("shutDown");
    await untilGone(cli, ours);
  }
  const left = ours.filter(isAlive);
  // The engine first: it would start a new node.
  for (const { pid } of left) await killTree(pid, { graceMs, clock: cli.clock });
  rmSync(cli.home.engineFile, { force: true });
  return ours.length > 0;
}

/** The engine and its node, if those process ids still are theirs. */
async function processesOf({ pid, nodePid }: EngineFile): Promise<ProcessInfo[]> {
  const all = await listProcesses();
  return [
    { id: pid, script: "api/main.ts" },
    { id: nodePid, script: "node/main.ts" },
  ].flatMap(({ id, script }) => all.filter((info) => info.pid === id && commandOf(info.pid).includes(script)));
}

function commandOf(pid: number): string {
  try {
    if (existsSync("/proc/self/cmdline")) return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

async function untilGone(cli: Cli, processes: readonly ProcessInfo[]): Promise<void> {
  const until = cli.clock.monotonic() + leaveMs;
  while (processes.some(isAlive) && cli.clock.monotonic() < until) await sleep(cli.clock, pollMs);
}
