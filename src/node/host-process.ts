import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { killMarked } from "../lib/process-tree.ts";
import { shortId, systemRandom } from "../lib/random.ts";
import type { RuntimeName } from "../model/records.ts";
import { scrubbedEnv } from "../runtimes/index.ts";
import type { FromHost, ToHost } from "./host-protocol.ts";

export interface HostProcessOptions {
  runtime: RuntimeName;
  /** Folder for compiled code, shared by all hosts: the second one then loads in a third less time. */
  cacheDir: string;
  /** Added to its environment. */
  env: Record<string, string>;
  onMessage(message: FromHost): void;
  /** The process has ended, `reason` says how; what it started may still run until `swept`. */
  onExit(reason: string, swept: Promise<void>): void;
}

const main = fileURLToPath(new URL("./host-main.ts", import.meta.url));

/** In the environment of a host and all that it starts: which host. */
const hostMark = "GODEL_HOST";

/** How much of a host's stderr is kept to explain its end, in characters. */
const stderrTail = 2_000;

/** The process of a host and the channel to it. What is sent before the start waits for it. */
export class HostProcess {
  private readonly mark = shortId(systemRandom, "h", 12);
  private readonly options: HostProcessOptions;
  private readonly unsent: ToHost[] = [];
  private child: ChildProcess | undefined;
  private stderr = "";
  private exited = false;
  /** Why it was killed from here. */
  private killedFor: string | undefined;

  constructor(options: HostProcessOptions) {
    this.options = options;
  }

  /** 0 until it is started, and where the machine refused to. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  start(): void {
    const { runtime, cacheDir, env, onMessage } = this.options;
    const child = fork(main, [runtime], {
      env: { ...scrubbedEnv(process.env), ...env, NODE_COMPILE_CACHE: cacheDir, [hostMark]: this.mark },
      execArgv: [],
      serialization: "json",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.child = child;
    child.stderr?.on("data", (chunk) => {
      this.stderr = (this.stderr + chunk).slice(-stderrTail);
    });
    child.on("message", onMessage);
    child.once("error", (error) => this.ended(`could not start: ${error.message}`));
    child.once("close", (code, signal) => this.ended(signal ? this.killed(signal) : `exited with ${code}`));
    for (const message of this.unsent.splice(0)) this.send(message);
  }

  send(message: ToHost): void {
    if (!this.child) this.unsent.push(message);
    // A channel that has closed is followed by `close`, and so by `onExit`.
    else if (this.child.connected) this.child.send(message, () => {});
  }

  /** `why` is told with its end. */
  kill(why: string): void {
    if (this.child?.kill("SIGKILL")) this.killedFor ??= why;
  }

  /** For a host that was never started. */
  discard(): void {
    this.ended("was not needed");
  }

  private killed(signal: NodeJS.Signals): string {
    const why = this.killedFor;
    return why === undefined ? `was killed by ${signal}` : `was ended by its node: ${why}`;
  }

  private ended(how: string): void {
    if (this.exited) return;
    this.exited = true;
    const said = this.stderr.trim();
    const reason = `agent host ${this.pid} ${how}${said === "" ? "" : `: ${said}`}`;
    // Its commands live in sessions of their own, so they have outlived a host that was killed.
    this.options.onExit(reason, killMarked(`${hostMark}=${this.mark}`, { graceMs: 0 }));
  }
}
