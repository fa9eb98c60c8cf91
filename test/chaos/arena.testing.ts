/** A real fleet that may be struck: an engine that is started again whenever it ends, as a service manager would. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { SpawnRequest, TeamStatus } from "../../src/api/wire.ts";
import { type Millis, sleep, systemClock } from "../../src/lib/clock.ts";
import { codeOf, messageOf } from "../../src/lib/errors.ts";
import { Stage } from "../stage.testing.ts";
import { hit, type Prey, preyAmong, type Role } from "./prey.testing.ts";
import { openProvider, type Provider } from "./provider.testing.ts";
import { moduleFiles, slowCheck } from "./workload.testing.ts";

export interface ArenaOptions {
  /** Modules in the repository: the most tasks that one team can have. */
  modules: number;
  /** How long the model takes for an answer. */
  thinkMs: Millis;
  /** How long an agent's check takes beyond what it needs, in seconds. */
  checkS: number;
  /** Where GODEL_HOME is to be; default: beside the repository. */
  home?: string;
}

/** An engine that has not answered for so long, stops and restarts included, never will. */
const patienceMs = 3 * 60_000;
/** How long after its end an engine is started again. */
const restartMs = 100;
const retryMs = 100;

export class Arena {
  readonly stage: Stage;
  readonly provider: Provider;
  /** When each engine was started, wall time. */
  readonly starts: Millis[] = [];
  /** Engines that ended though nobody had killed them, with what they said. */
  readonly surprises: string[] = [];
  readonly #env: NodeJS.ProcessEnv;
  readonly #cleanUps: (() => void)[] = [];
  readonly #killed = new Set<number>();
  #kept = false;
  #engine: ChildProcess | undefined;

  static async open(options: ArenaOptions): Promise<Arena> {
    return new Arena(options, await openProvider(options.thinkMs));
  }

  private constructor({ modules, checkS, home }: ArenaOptions, provider: Provider) {
    const context = { after: (task: () => void) => void this.#cleanUps.push(task) };
    this.stage = new Stage(context, moduleFiles(modules), home);
    this.provider = provider;
    const piDir = join(this.stage.dir, "pi");
    mkdirSync(piDir);
    writeFileSync(join(piDir, "models.json"), JSON.stringify(provider.models));
    const bin = slowCheck(join(this.stage.dir, "bin"), checkS);
    this.#env = { PATH: `${bin}${delimiter}${process.env.PATH}` };
  }

  /** From now on there is an engine, however often it is killed. Resolves when the first one answers. */
  async start(): Promise<void> {
    this.#kept = true;
    this.#startEngine();
    await this.answered(() => this.stage.get("/healthz"));
  }

  prey(role?: Role): Prey[] {
    const all = preyAmong(this.stage.processes());
    return role === undefined ? all : all.filter((each) => each.role === role);
  }

  get enginePid(): number {
    return this.#engine?.pid ?? 0;
  }

  killEngine(): boolean {
    const { enginePid } = this;
    this.#killed.add(enginePid);
    return hit(enginePid, "SIGKILL");
  }

  /** Asks until there is an answer, or a refusal with a code of ours: the engine may be dead, or stopped. */
  async answered<T>(ask: () => Promise<T>): Promise<T> {
    const give = systemClock.monotonic() + patienceMs;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const code = codeOf(error);
        // Those of the system are in capitals as well, but none of them has to do with a team or a task.
        if (code !== undefined && /^(TEAM|TASK|PLAN|MODEL|OPTION|REPO|BRANCH)_/.test(code)) throw error;
        if (systemClock.monotonic() > give) throw new Error(`no answer: ${this.surprises.at(-1)}`, { cause: error });
        await sleep(systemClock, retryMs);
      }
    }
  }

  /** Resolves once the engine has acknowledged the team; a request whose answer was lost is found by the name. */
  async spawn(request: Partial<SpawnRequest> & { name: string }): Promise<TeamStatus> {
    try {
      return await this.answered(() => this.stage.spawn(request));
    } catch (error) {
      // Of one that has ended meanwhile only the branch is in the way.
      if (!["TEAM_EXISTS", "BRANCH_EXISTS"].includes(codeOf(error) ?? "")) throw error;
      return this.answered(() => this.stage.status(request.name));
    }
  }

  /** What its node wrote to its log that only a bug of ours would. */
  nodeBugs(): string[] {
    const log = readText(this.stage.home, "node.log");
    return log
      .split("\n")
      .filter((line) => /^\s*(?:\{.*"msg":")?(\w*Error\b|AssertionError|.*\bINTERNAL\b)/.test(line));
  }

  /** Ends the fleet as `godel down` does. */
  async down(): Promise<void> {
    this.#kept = false;
    await this.stage.down();
  }

  /** Whatever is still there goes, by force; `keep` leaves the files. */
  async close(keep = false): Promise<void> {
    this.#kept = false;
    if (keep) this.stage.killAll();
    else for (const task of this.#cleanUps) task();
    await this.provider.close();
  }

  #startEngine(): void {
    const child = this.stage.start(this.#env);
    let said = "";
    child.stderr?.on("data", (data) => {
      said = (said + data).slice(-4_000);
    });
    this.starts.push(systemClock.wall());
    this.#engine = child;
    child.once("close", (code, signal) => {
      const { pid = 0 } = child;
      if (this.#kept && !this.#killed.has(pid)) this.surprises.push(`engine ${pid} ended (${signal ?? code}): ${said}`);
      systemClock.after(restartMs, () => {
        if (this.#kept) this.#startEngine();
      });
    });
  }
}

function readText(...path: string[]): string {
  try {
    return readFileSync(join(...path), "utf8");
  } catch (error) {
    return messageOf(error);
  }
}
