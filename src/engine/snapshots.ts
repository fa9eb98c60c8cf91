import type { Journal } from "../journal/journal.ts";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import { checkInvariants } from "./invariants.ts";
import { type Replayed, replay, type Source } from "./replay.ts";
import { snapshotNow, takeSnapshot } from "./snapshot.ts";
import type { State } from "./state.ts";

/** The state after event `seq`. */
export interface Taken {
  seq: bigint;
  chunks: AsyncIterable<Uint8Array>;
}

/** Takes a snapshot of what the journal holds, without a look at the engine's memory. */
export type TakeSnapshot = () => Promise<Taken>;

/** By a replay in this thread. The fleet may go on meanwhile: what is replayed is nobody else's. */
export async function takeByReplay(source: Source): Promise<Taken> {
  const { state, seq } = await replay(source);
  return { seq, chunks: asyncIterable(takeSnapshot(state)) };
}

export interface SnapshotsParts {
  journal: Journal;
  take: TakeSnapshot;
  /** Events between two. */
  every: number;
  report(line: string): void;
  onFatal(error: unknown): void;
}

/**
 * Keeps the journal short: a snapshot now and then, and what the one before it includes is forgotten.
 *
 * A snapshot is the replay of the last one and of every event since, so it is right whatever the fleet does meanwhile,
 * and each proves that the journal on the disk leads to a state that keeps every invariant. One is under way at a time;
 * a slow disk delays the next. It only makes the next start quicker, so one that cannot be had now is left for later.
 */
export class Snapshots {
  readonly #parts: SnapshotsParts;
  #latest: bigint;
  #previous: bigint;
  #next: bigint;
  #underWay: Promise<void> | null = null;
  /** The journal on the disk is damaged, but its state is still in memory. */
  #damaged = false;

  constructor(parts: SnapshotsParts, { snapshotSeq, previousSeq }: Pick<Replayed, "snapshotSeq" | "previousSeq">) {
    this.#parts = parts;
    this.#latest = snapshotSeq;
    this.#previous = previousSeq;
    this.#next = snapshotSeq + BigInt(parts.every);
  }

  /**
   * To be called when `state` is what the journal holds up to `seq`. Returns at once.
   * `left`: tasks that have left the state since; each makes the next start as much quicker as an event less to replay.
   */
  offer(state: State, seq: bigint, left: number): void {
    this.#next -= BigInt(left);
    if (this.#underWay || seq < this.#next) return;
    const taken = this.#damaged ? takeFromMemory(state, seq) : this.#parts.take;
    this.#next = seq + BigInt(this.#parts.every);
    this.#underWay = this.#save(state.epoch, taken)
      .catch((error) => this.#explain(error))
      .finally(() => {
        this.#underWay = null;
      });
  }

  /** The same when nobody waits for the loop any more: from memory. Resolves when it is durable, or cannot be. */
  async last(state: State, seq: bigint): Promise<void> {
    while (this.#underWay) await this.#underWay;
    if (seq === this.#latest) return;
    await this.#save(state.epoch, takeFromMemory(state, seq)).catch((error) => this.#explain(error));
  }

  /** Runs `work` while no snapshot comes or goes. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    while (this.#underWay) await this.#underWay;
    const working = work();
    this.#underWay = working
      .then(
        () => {},
        () => {},
      )
      .finally(() => {
        this.#underWay = null;
      });
    return working;
  }

  async #save(epoch: bigint, take: TakeSnapshot): Promise<void> {
    const { journal } = this.#parts;
    const { seq, chunks } = await take();
    await journal.saveSnapshot(epoch, seq, chunks);
    [this.#previous, this.#latest] = [this.#latest, seq];
    this.#damaged = false;
    // What a start needs when the newest snapshot is damaged stays.
    await journal.truncate(epoch, this.#previous);
  }

  #explain(error: unknown): void {
    if (!(error instanceof GodelError) || error.code === "EPOCH_STALE") return this.#parts.onFatal(error);
    this.#parts.report(`no snapshot now: ${messageOf(error)}`);
    if (codeOf(error) !== "JOURNAL_CORRUPT") return;
    this.#damaged = true;
    this.#next = 0n;
  }
}

/** At once, since the state goes on changing while the chunks are written. */
function takeFromMemory(state: State, seq: bigint): TakeSnapshot {
  checkInvariants(state);
  const chunks = snapshotNow(state);
  return async () => ({ seq, chunks: asyncIterable(chunks) });
}

async function* asyncIterable<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}
