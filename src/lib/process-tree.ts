import { assert } from "./assert.ts";
import { type Clock, sleep, systemClock } from "./clock.ts";
import { codeOf } from "./errors.ts";
import { isAlive, listMarked, listProcesses, type ProcessInfo } from "./processes.ts";

export { findMarked } from "./processes.ts";

export interface KillOptions {
  /** Time between SIGTERM and SIGKILL, in ms. Default 2000; 0 kills at once. */
  graceMs?: number;
  clock?: Clock;
}

/** Rounds of SIGKILL before a process is left to the system: one that hangs in the kernel dies when it returns. */
const killRounds = 10;
const killRoundMs = 500;
const pollMs = 10;

/**
 * Ends `pid`, all its descendants, and the process groups and sessions that any of them leads; resolves once they
 * are gone. `pid` may have exited already if it led a group: what it left behind in the group is ended.
 * A descendant that began a session of its own and whose parent is dead is not found: mark those, see `killMarked`.
 */
export function killTree(pid: number, options: KillOptions = {}): Promise<void> {
  assert(pid > 1 && pid !== process.pid, `process ${pid} is not ours to kill`);
  const seen = new Set([pid]);
  return endAll(async () => family(seen, await listProcesses()), options);
}

/** Ends every process that has `mark` (`NAME=VALUE`) in its environment, but not this one. */
export function killMarked(mark: string, options: KillOptions = {}): Promise<void> {
  return endAll(() => listMarked(mark), options);
}

/** The processes in `all` that belong to `seen`, which grows: an orphan is known by the group of its dead parent. */
function family(seen: Set<number>, all: readonly ProcessInfo[]): ProcessInfo[] {
  const others = all.filter((info) => info.pid !== process.pid);
  for (let size = 0; size < seen.size; ) {
    size = seen.size;
    for (const info of others) if (belongs(seen, info)) seen.add(info.pid);
  }
  return others.filter((info) => belongs(seen, info));
}

function belongs(seen: ReadonlySet<number>, { pid, parent, group, session }: ProcessInfo): boolean {
  return seen.has(pid) || seen.has(parent) || seen.has(group) || seen.has(session);
}

/** Collects anew before each signal, so that what was forked meanwhile goes too. */
async function endAll(collect: () => Promise<ProcessInfo[]>, options: KillOptions): Promise<void> {
  const { graceMs = 2_000, clock = systemClock } = options;
  if (graceMs > 0 && (await signalAll(await collect(), "SIGTERM", graceMs, clock)) === 0) return;
  for (let round = 0; round < killRounds; round++) {
    if ((await signalAll(await collect(), "SIGKILL", killRoundMs, clock)) === 0) return;
  }
}

/** Signals each, waits up to `waitMs` for all to be gone, and answers how many there were. */
async function signalAll(doomed: ProcessInfo[], name: NodeJS.Signals, waitMs: number, clock: Clock): Promise<number> {
  for (const { pid } of doomed) {
    send(pid, name);
    // A stopped process acts on SIGTERM only once it goes on.
    if (name === "SIGTERM") send(pid, "SIGCONT");
  }
  const deadline = clock.monotonic() + waitMs;
  while (doomed.some(isAlive) && clock.monotonic() < deadline) await sleep(clock, pollMs);
  return doomed.length;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone already, or it became another user's: in both cases there is nothing left for us to end.
    if (codeOf(error) !== "ESRCH" && codeOf(error) !== "EPERM") throw error;
  }
}
