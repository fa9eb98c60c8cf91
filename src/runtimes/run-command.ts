import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Clock, type Millis, systemClock } from "../lib/clock.ts";
import { messageOf } from "../lib/errors.ts";
import { killMarked } from "../lib/process-tree.ts";
import type { AttemptId } from "../model/records.ts";

export interface CommandOptions {
  attempt: AttemptId;
  command: string;
  cwd: string;
  /** The whole environment of the command, but for the mark of its attempt. */
  env: Record<string, string>;
  onOutput: (chunk: Buffer) => void;
  clock?: Clock;
}

/** How a command ended; `error` says why it could not even start. */
export interface CommandEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  error?: string;
}

export interface RunningCommand {
  readonly ended: Promise<CommandEnd>;
  /** Signals the command and what it started. Nothing when they are gone. */
  signal(signal: NodeJS.Signals): void;
}

/** How long output may stay silent, once the shell is gone but its pipes are still held, before they are let go. */
const heldPipesMs: Millis = 100;

/**
 * Runs a shell command as the leader of a session of its own, so that it and its children can be stopped or killed
 * together. Both runtimes start every command here; a sandbox would wrap `shell` in this one place.
 *
 * What the command leaves in the background lives on after `ended`, until `sweep`.
 */
export function runCommand(options: CommandOptions): RunningCommand {
  const child = spawn(shell(), ["-c", options.command], {
    cwd: options.cwd,
    env: { ...options.env, [attemptMark]: options.attempt },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", options.onOutput);
  child.stderr.on("data", options.onOutput);
  return {
    ended: ended(child, options.clock ?? systemClock),
    signal: (signal) => signalGroup(child.pid, signal),
  };
}

/** Kills all that `commands` of one attempt run or have left behind, whatever session it is in by now. */
export async function sweep(attempt: AttemptId, commands: Iterable<RunningCommand>): Promise<void> {
  for (const command of commands) command.signal("SIGKILL");
  await killMarked(`${attemptMark}=${attempt}`, { graceMs: 0 });
}

/** In the environment of every command: whose it is. */
const attemptMark = "GODEL_ATTEMPT";

/** Sends `signal` to every process of the group that `leader` led. */
function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // ESRCH: nobody is left in the group, which is what was wanted.
  }
}

/** Settles with the shell's own exit; a child that keeps the pipes open and silent does not hold it up. */
function ended(child: ChildProcess, clock: Clock): Promise<CommandEnd> {
  return new Promise((resolve) => {
    let disarm = () => {};
    child.once("error", (error) => resolve({ code: null, signal: null, error: messageOf(error) }));
    child.once("close", (code, signal) => {
      disarm();
      resolve({ code, signal });
    });
    child.once("exit", (code, signal) => {
      const letGo = () => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal });
      };
      const arm = () => {
        disarm();
        disarm = clock.after(heldPipesMs, letGo);
      };
      child.stdout?.on("data", arm);
      child.stderr?.on("data", arm);
      arm();
    });
  });
}

let found: string | undefined;

/** bash where the machine has it, otherwise its sh. Looked up once. */
function shell(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  found ??= ["/bin", "/usr/bin", ...folders].map((folder) => join(folder, "bash")).find((path) => existsSync(path));
  found ??= "/bin/sh";
  return found;
}
