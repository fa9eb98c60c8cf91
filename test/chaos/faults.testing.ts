/** Does to a fleet what a schedule says. */
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Millis, sleep, systemClock } from "../../src/lib/clock.ts";
import { listProcesses } from "../../src/lib/processes.ts";
import type { Arena } from "./arena.testing.ts";
import { hit, type Role } from "./prey.testing.ts";
import type { Fault, FaultKind } from "./schedule.testing.ts";

/** How long a git is waited for: each lives for milliseconds. */
const stalkMs: Millis = 2_000;

export class Faults {
  /** How often each kind has hit something. */
  readonly hits = new Map<FaultKind, number>();
  readonly #arena: Arena;
  readonly #say: (line: string) => void;
  readonly #stopped = new Map<number, () => void>();
  readonly #locks: string[] = [];

  constructor(arena: Arena, say: (line: string) => void) {
    this.#arena = arena;
    this.#say = say;
  }

  /** Strikes at the instants of `schedule`, counted from now. */
  async carryOut(schedule: readonly Fault[]): Promise<void> {
    const start = systemClock.monotonic();
    for (const fault of schedule) {
      await sleep(systemClock, fault.at - (systemClock.monotonic() - start));
      const what = await this.strike(fault);
      if (what === null) continue;
      this.hits.set(fault.kind, (this.hits.get(fault.kind) ?? 0) + 1);
      this.#say(`${(fault.at / 1_000).toFixed(1)} s  ${fault.kind} ${what}`);
    }
  }

  /** What it hit, or null where there was nothing of the kind. */
  async strike(fault: Fault): Promise<string | null> {
    const [verb, noun] = fault.kind.split(" ") as ["kill" | "stop" | "leave", Role | "lock"];
    if (noun === "lock") return this.#leaveLock(fault);
    if (noun === "git") return this.#killGit();
    const prey = this.#arena.prey(noun);
    const pid = prey[Math.floor(fault.which * prey.length)]?.pid;
    if (pid === undefined) return null;
    if (verb === "stop") return this.#stop(pid, fault.holdMs);
    const done = noun === "engine" ? this.#arena.killEngine() : hit(pid, "SIGKILL");
    return done ? `${pid}` : null;
  }

  /** Every stopped process goes on. */
  calm(): void {
    for (const goOn of [...this.#stopped.values()]) goOn();
  }

  /** Takes back the locks that nobody needed, so nobody broke. Once no git runs any more. */
  clear(): void {
    for (const lock of this.#locks) rmSync(lock, { force: true });
  }

  #stop(pid: number, holdMs: Millis): string | null {
    if (!hit(pid, "SIGSTOP")) return null;
    const goOn = () => {
      cancel();
      this.#stopped.delete(pid);
      hit(pid, "SIGCONT");
    };
    const cancel = systemClock.after(holdMs, goOn);
    this.#stopped.set(pid, goOn);
    return `${pid} for ${(holdMs / 1_000).toFixed(1)} s`;
  }

  /** The node's gits are children of it, which is quicker to see than the environment of every process. */
  async #killGit(): Promise<string | null> {
    const node = this.#arena.prey("node")[0]?.pid;
    const give = systemClock.monotonic() + stalkMs;
    while (node !== undefined && systemClock.monotonic() < give) {
      const children = (await listProcesses()).filter(({ parent }) => parent === node);
      const git = children.find(({ pid }) => nameOf(pid) === "git");
      if (git !== undefined && hit(git.pid, "SIGKILL")) return `${git.pid}`;
      await sleep(systemClock, 1);
    }
    return null;
  }

  /** As a git leaves it that was killed in mid-write. A file that is there belongs to a git that works. */
  #leaveLock({ which }: Fault): string | null {
    const { stage } = this.#arena;
    const git = join(stage.repo, ".git");
    const guarded = [
      ...globSync(join(git, "refs/heads/godel/*")),
      ...globSync(join(git, "worktrees/*/index")),
      ...globSync(join(stage.home, "worktrees/records/*.index")),
      join(git, "packed-refs"),
    ].filter((path) => !path.endsWith(".lock"));
    const lock = `${guarded[Math.floor(which * guarded.length)]}.lock`;
    try {
      writeFileSync(lock, "", { flag: "wx" });
    } catch {
      return null;
    }
    this.#locks.push(lock);
    return lock.slice(lock.lastIndexOf("/") + 1);
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
