/** What the journal says of itself, and what it refuses because of that. */
import { present } from "../../lib/assert.ts";
import { snapshotOutOfPlace, staleEpoch } from "../refusals.ts";
import { translated } from "./failures.ts";
import type { Meta, Statements } from "./statements.ts";

export class Standing {
  readonly #path: string;
  readonly #statements: Statements;

  constructor(path: string, statements: Statements) {
    this.#path = path;
    this.#statements = statements;
  }

  meta(): Meta {
    const meta = translated(this.#path, () => this.#statements.meta());
    return present(meta, "the meta row");
  }

  /** The last event. */
  last(): bigint {
    return translated(this.#path, () => this.#statements.last())?.seq ?? 0n;
  }

  /** The last event that the last snapshot includes. */
  included(): bigint {
    return translated(this.#path, () => this.#statements.snapshots())[0]?.seq ?? 0n;
  }

  /** @throws GodelError EPOCH_STALE */
  checkEpoch(epoch: bigint): void {
    const { epoch: current } = this.meta();
    if (epoch !== current || epoch === 0n) throw staleEpoch(epoch, current);
  }

  /** @throws GodelError EPOCH_STALE, JOURNAL_CONFLICT */
  checkSnapshot(epoch: bigint, seq: bigint): void {
    this.checkEpoch(epoch);
    const [low, high] = [this.included(), this.last()];
    if (seq < low || seq > high) throw snapshotOutOfPlace(seq, low, high);
  }
}
