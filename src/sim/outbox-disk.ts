import { GodelError } from "../lib/errors.ts";
import type { Report } from "../model/link.ts";
import type { Kept, OutboxStore } from "../node/outbox.ts";
import { frozen } from "./frozen.ts";
import type { Trouble } from "./trouble.ts";

/** The outbox as the disk holds it: it stays when its node dies, and has no room while the disk is full. */
export class OutboxDisk implements OutboxStore {
  readonly #trouble: Trouble;
  readonly #rows = new Map<number, Report>();
  #seq = 0;
  #acknowledged = 0;

  constructor(trouble: Trouble) {
    this.#trouble = trouble;
  }

  load(): { kept: Kept[]; seq: number } {
    // What JSON would lose is lost here too.
    const copy = (report: Report): Report => JSON.parse(JSON.stringify(report));
    return { kept: [...this.#rows].map(([seq, report]) => ({ seq, report: copy(report) })), seq: this.#seq };
  }

  keep({ seq, report }: Kept): void {
    this.#needRoom();
    this.#rows.set(seq, frozen(report));
    this.#seq = seq;
  }

  drop(seq: number): void {
    if (!this.#trouble.isOn("disk-full")) this.#rows.delete(seq);
  }

  forget(seq: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, seq);
    this.#needRoom();
    for (const kept of this.#rows.keys()) {
      if (kept > seq) break;
      this.#rows.delete(kept);
    }
  }

  /** How many no engine has acknowledged. One that has may still be on a disk that was full then. */
  get undelivered(): number {
    let count = 0;
    for (const seq of this.#rows.keys()) if (seq > this.#acknowledged) count++;
    return count;
  }

  close(): void {}

  #needRoom(): void {
    if (this.#trouble.isOn("disk-full")) throw new GodelError("DISK_FULL", "database or disk is full");
  }
}
