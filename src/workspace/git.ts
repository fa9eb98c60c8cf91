import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import pLimit, { type LimitFunction } from "p-limit";
import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError, messageOf } from "../lib/errors.ts";
import { killTree } from "../lib/process-tree.ts";
import { gitEnvironment } from "./git-environment.ts";

export interface GitRun {
  /** The repository's common folder; without it git looks for one from `cwd` upwards. */
  gitDir?: string;
  cwd?: string;
  /** Extra environment. */
  env?: Record<string, string>;
  input?: string | Buffer;
  /** Exit codes that are answers, not failures. Default: 0 alone. */
  answers?: readonly number[];
}

export interface GitResult {
  code: number;
  stdout: Buffer;
}

export interface GitLimits {
  /** Processes at a time; more wait. */
  processes: number;
  /** After which a git is killed, in ms: a filter or a lock may hang for ever. */
  timeoutMs: Millis;
}

/** Output beyond this is a failure: no answer that we ask for comes near it. */
const maxOutputBytes = 64 * 1024 * 1024;
const maxErrorBytes = 16 * 1024;

/** Runs git, at most `limits.processes` at once. Each costs 3 to 5 ms, so ask for much at a time. */
export class Git {
  readonly #clock: Clock;
  readonly #timeoutMs: Millis;
  readonly #limit: LimitFunction;

  constructor(clock: Clock, limits: GitLimits) {
    this.#clock = clock;
    this.#timeoutMs = limits.timeoutMs;
    this.#limit = pLimit(limits.processes);
  }

  /** @throws GodelError GIT_FAILED with what git said, or DISK_FULL */
  run(args: readonly string[], options: GitRun = {}): Promise<GitResult> {
    return this.#limit(() => this.#spawn(args, options));
  }

  /** The output as text, without white space at its ends. */
  async text(args: readonly string[], options: GitRun = {}): Promise<string> {
    return (await this.run(args, options)).stdout.toString().trim();
  }

  async #spawn(args: readonly string[], options: GitRun): Promise<GitResult> {
    const child = spawn("git", args, {
      cwd: options.cwd ?? options.gitDir,
      env: gitEnvironment({ ...(options.gitDir && { GIT_DIR: options.gitDir }), ...options.env }),
    });
    // A git that ends early does not read all of its input; its exit code says why.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input);
    const { code, stopped, said, stdout } = await this.#finish(child);
    if (stopped === "" && (options.answers ?? [0]).includes(code)) return { code, stdout };
    throw failure(args, stopped || said || `exited with ${code}`);
  }

  /** `stopped` is our reason to end it, or ""; `said` what it printed as errors, which may be warnings alone. */
  async #finish(child: ChildProcessWithoutNullStreams): Promise<GitResult & { stopped: string; said: string }> {
    let stopped = "";
    const stop = (why: string) => {
      stopped ||= why;
      // With its filters, which are children of it. A failure to kill has no one to go to; the exit is awaited below.
      if (child.pid) killTree(child.pid, { clock: this.#clock }).catch(() => child.kill("SIGKILL"));
    };
    const cancel = this.#clock.after(this.#timeoutMs, () => stop(`took longer than ${this.#timeoutMs} ms`));
    const stdout = collect(child.stdout, maxOutputBytes, () => stop("printed too much"));
    const stderr = collect(child.stderr, maxErrorBytes, () => {});
    const end = await new Promise<number | Error>((resolve) => {
      child.once("error", resolve);
      child.once("close", (exit) => resolve(exit ?? -1));
    });
    cancel();
    if (end instanceof Error) return { code: -1, stopped: messageOf(end), said: "", stdout: Buffer.of() };
    return { code: end, stopped, said: Buffer.concat(stderr).toString().trim(), stdout: Buffer.concat(stdout) };
  }
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number, onFull: () => void): Buffer[] {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else onFull();
  });
  return chunks;
}

function failure(args: readonly string[], why: string): GodelError {
  // Git has no exit code for a full disk; its words are fixed by LC_ALL=C and come from strerror(3).
  const full = /No space left on device|Disk quota exceeded/.test(why);
  return new GodelError(full ? "DISK_FULL" : "GIT_FAILED", `git ${args[0]}: ${why}`);
}
