import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { type Clock, type Millis, sleep } from "../lib/clock.ts";
import { codeOf } from "../lib/errors.ts";
import { niceness } from "../lib/priority.ts";
import { killMarked, killTree } from "../lib/process-tree.ts";
import type { AttemptId } from "../model/records.ts";
import { GateOutput, tailChars } from "./gate-output.ts";
import { withoutGit } from "./git-environment.ts";

export interface GateOptions {
  /** Ends the present gate with all that it started; the run then has not passed. */
  signal: AbortSignal;
  /** For each gate, in ms. */
  timeoutMs: Millis;
  /** The whole environment of the gates, so that no key of ours gets in by chance. GIT_* entries are left out. */
  env: Record<string, string | undefined>;
  /** What they print is added here. */
  logFile: string;
}

export type GateOutcome =
  | { passed: true }
  /** `exitCode` is null when the gate was killed. `tail`: the end of what it printed, at most 4,000 characters. */
  | { passed: false; gate: string; exitCode: number | null; tail: string };

interface Run extends GateOptions {
  clock: Clock;
  attempt: AttemptId;
  dir: string;
  maxLogBytes: number;
}

/** How long an exited gate may hold its output open through a process that we could not end, in ms. */
const drainMs: Millis = 1_000;

/** Set in the environment of every gate to its attempt: finds what a gate leaves behind in a session of its own. */
const mark = "GODEL_GATES";

/** Runs `gates` with `sh` in `dir`, one after the other, up to the first that fails. Leaves no process behind. */
export async function runGates(gates: readonly string[], run: Run): Promise<GateOutcome> {
  const output = await GateOutput.open(run.logFile, run.maxLogBytes);
  try {
    for (const gate of gates) {
      output.begin(gate);
      const { exitCode, why } = await runGate(gate, run, output);
      if (exitCode === 0) continue;
      output.note(why);
      return { passed: false, gate, exitCode, tail: `${output.tail()}\n[godel] ${why}`.trim().slice(-tailChars) };
    }
    return { passed: true };
  } finally {
    await output.close();
  }
}

async function runGate(gate: string, run: Run, output: GateOutput): Promise<{ exitCode: number | null; why: string }> {
  if (run.signal.aborted) return { exitCode: null, why: "cancelled before it ran" };
  // A session of its own, and one pipe for both outputs so that their lines stay in order.
  const child = spawn("nice", ["-n", `${niceness}`, "sh", "-c", `exec 2>&1\n${gate}`], {
    cwd: run.dir,
    env: { ...withoutGit(run.env), [mark]: run.attempt },
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  child.stdout.on("data", (chunk: Buffer) => output.add(chunk));
  const why = await ended(child, run);
  await sweep(child, run);
  if (why !== undefined) return { exitCode: null, why };
  return { exitCode: child.exitCode, why: describeExit(child) };
}

/** Waits for the gate to exit; why it was made to, if it was. */
async function ended(child: ChildProcessByStdio<null, Readable, null>, run: Run): Promise<string | undefined> {
  let why: string | undefined;
  const end = (reason: string) => {
    why ??= reason;
    if (child.pid) killTree(child.pid, { clock: run.clock }).catch(() => child.kill("SIGKILL"));
  };
  const onAbort = () => end("cancelled");
  const cancel = run.clock.after(run.timeoutMs, () => end(`killed: took longer than ${run.timeoutMs} ms`));
  run.signal.addEventListener("abort", onAbort, { once: true });
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => resolve());
    child.once("error", reject);
  }).finally(() => {
    cancel();
    run.signal.removeEventListener("abort", onAbort);
  });
  return why;
}

/** Ends what the gate left running, then takes in the rest of its output. */
async function sweep(child: ChildProcessByStdio<null, Readable, null>, run: Run): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    if (child.stdout.closed) resolve();
    else child.stdout.once("close", resolve);
  });
  if (child.pid && groupLives(child.pid)) await killTree(child.pid, { clock: run.clock });
  await killMarked(`${mark}=${run.attempt}`, { clock: run.clock });
  const stop = new AbortController();
  await Promise.race([closed, sleep(run.clock, drainMs, stop.signal)]);
  stop.abort();
  child.stdout.destroy();
}

function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function describeExit(child: ChildProcessByStdio<null, Readable, null>): string {
  return child.exitCode === null ? `killed by ${child.signalCode}` : `exited with ${child.exitCode}`;
}
