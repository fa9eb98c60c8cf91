import type { Entry, LedgerStore } from "../gateway/ledger-entries.ts";
import { lineOf, readLines } from "../gateway/ledger-lines.ts";
import { GodelError } from "../lib/errors.ts";
import type { AttemptId } from "../model/records.ts";
import type { Bugs } from "./bugs.ts";
import type { Dice } from "./dice.ts";
import { frozen } from "./frozen.ts";
import type { Trouble } from "./trouble.ts";

/** The gateway's ledger as the disk holds it: it stays when its node dies, perhaps in the middle of a line. */
export class LedgerDisk implements LedgerStore {
  readonly #trouble: Trouble;
  readonly #bugs: Bugs;
  /** Whole lines, in the order in which they were written. Made bytes only when they are read, which is rare. */
  #entries: Entry[] = [];
  /** Of a line that was never finished. */
  #torn: Buffer = Buffer.alloc(0);

  constructor(trouble: Trouble, bugs: Bugs) {
    this.#trouble = trouble;
    this.#bugs = bugs;
  }

  load(): Entry[] {
    const { entries } = readLines(Buffer.concat([...this.#entries.map(lineOf), this.#torn]));
    this.#entries = entries.map(frozen);
    this.#torn = Buffer.alloc(0);
    if (!this.#bugs.losesReservations) return entries;
    const settled = new Set(entries.map((entry) => (entry.type === "settled" ? entry.id : 0)));
    return entries.filter((entry) => entry.type !== "reserved" || settled.has(entry.id));
  }

  append(entry: Entry): void {
    this.#needRoom();
    this.#entries.push(frozen(entry));
  }

  rewrite(entries: readonly Entry[]): void {
    this.#needRoom();
    this.#entries = entries.map(frozen);
  }

  close(): void {}

  /** Attempts with a request of which the disk does not say how it ended. */
  get unsettled(): Set<AttemptId> {
    const open = new Map<number, AttemptId>();
    for (const entry of this.#entries) {
      if (entry.type === "reserved" && entry.attempt !== null) open.set(entry.id, entry.attempt);
      if (entry.type === "settled") open.delete(entry.id);
    }
    return new Set(open.values());
  }

  /** Its writer dies, perhaps while it wrote what nobody had an answer to yet. */
  tear(dice: Dice): void {
    if (!dice.chance(0.5)) return;
    const line = lineOf({ type: "opened", team: "torn" });
    this.#torn = line.subarray(0, dice.whole(1, line.length - 1));
  }

  #needRoom(): void {
    if (this.#trouble.isOn("disk-full")) throw new GodelError("DISK_FULL", "no space left on device");
  }
}
