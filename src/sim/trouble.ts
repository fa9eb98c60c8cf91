import type { Millis } from "../lib/clock.ts";

/** What is wrong with the world right now. Faults turn it on for a while. */
export type TroubleKind =
  | "disk-full"
  | "disk-low"
  | "memory-low"
  | "files-low"
  | "node-crash-loop"
  | "spawn-refused"
  | "provider-down"
  | "git-fails"
  | "checked-out"
  | "gate-hang"
  | "journal-full"
  | "slow-fsync"
  | "model-refused"
  | "agents-fail-to-start";

/** Of these the node tells the engine, which then gives it no new work. */
const shortages: readonly TroubleKind[] = ["disk-low", "memory-low", "files-low"];

/** What a node does with git, one at a time. */
export type GitStep = "open" | "adopt" | "commit" | "merge" | "release";

export class Trouble {
  /** The node dies the next time that it has just done this. */
  nextToDieIn: GitStep | null = null;
  /** False once the faults have stopped: from then on agents are honest and nothing fails by chance. */
  agentsMayFail = true;
  readonly #on = new Map<TroubleKind, number>();
  readonly #since = new Map<TroubleKind, Millis>();
  /** Since when the machine is short of something. */
  shortSince: Millis | null = null;

  isOn(kind: TroubleKind): boolean {
    return (this.#on.get(kind) ?? 0) > 0;
  }

  /** Null where it is not on. */
  since(kind: TroubleKind): Millis | null {
    return this.isOn(kind) ? (this.#since.get(kind) ?? null) : null;
  }

  /** Troubles of one kind may overlap. */
  begin(kind: TroubleKind, at: Millis): void {
    if (!this.isOn(kind)) this.#since.set(kind, at);
    this.#on.set(kind, (this.#on.get(kind) ?? 0) + 1);
    if (shortages.includes(kind)) this.shortSince ??= at;
  }

  end(kind: TroubleKind): void {
    this.#on.set(kind, Math.max(0, (this.#on.get(kind) ?? 0) - 1));
    if (!shortages.some((short) => this.isOn(short))) this.shortSince = null;
  }
}
