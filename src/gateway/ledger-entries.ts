/**
 * What a gateway writes down of money, so that a process that starts anew knows what was spent.
 *
 *   reserved → settled     the request has ended; `settled` with no usage is one that nobody billed
 *   reserved               the process died: the request is charged at its worst case
 */

import type { Millis } from "../lib/clock.ts";
import type { Allowance } from "../model/budget.ts";
import type { AttemptId, TaskId, TeamId } from "../model/records.ts";
import type { Usage } from "../model/usage.ts";

/** Who pays: any of them may be missing, for what is asked before there is a team. */
export interface Payer {
  attempt: AttemptId | null;
  task: TaskId | null;
  team: TeamId | null;
  /** Asked to plan for the team, before there was an attempt. Missing in what older versions wrote. */
  planning?: true;
}

export type Entry =
  /** Before the request goes out. `worst` is what is charged if nothing more is heard of it. */
  | ({ type: "reserved"; id: number; at: Millis; worst: Usage } & Payer)
  | { type: "settled"; id: number; at: Millis; usage: Usage }
  /** In a ledger that was written anew: what is behind it, summed up. */
  | ({ type: "spent"; usage: Usage } & Payer)
  | { type: "total"; usage: Usage; hour: number; inHour: Usage }
  /** Some of an allowance was given back: until a newer one comes, no more than this may be spent. */
  | { type: "lowered"; scope: string; limit: Allowance }
  /** Nobody will ask for the team's attempts again, once they were reported. */
  | { type: "closed" | "opened"; team: TeamId };

/** Where entries are kept. */
export interface LedgerStore {
  /** All that was kept, oldest first; what was torn by a crash is left out. */
  load(): Entry[];
  /** Survives this process once it returns. @throws GodelError DISK_FULL */
  append(entry: Entry): void;
  /** Replaces all, or nothing. @throws GodelError DISK_FULL */
  rewrite(entries: readonly Entry[]): void;
  close(): void;
}

/** Forgets with the process: for tests, and for a gateway of one question. */
export function memoryLedger(entries: Entry[] = []): LedgerStore {
  return {
    load: () => structuredClone(entries),
    append: (entry) => void entries.push(structuredClone(entry)),
    rewrite: (all) => void entries.splice(0, entries.length, ...structuredClone(all)),
    close() {},
  };
}

type Reserved = Extract<Entry, { type: "reserved" }>;

/** What a ledger says, once it is read. */
export interface Fold {
  /** `at`: when it was spent; null where `total` has it in already. */
  spent: { payer: Payer; usage: Usage; at: Millis | null }[];
  total: Extract<Entry, { type: "total" }> | undefined;
  /** The newest mark of each team: whether it is closed. */
  marks: Map<TeamId, boolean>;
  lowered: Map<string, Allowance>;
  /** What nobody has heard the end of. It is in `spent`, at its worst case. */
  unsettled: Reserved[];
  lastId: number;
}

/** Pure. O(entries). */
export function foldEntries(entries: readonly Entry[]): Fold {
  const open = new Map<number, Reserved>();
  const fold: Fold = { spent: [], total: undefined, marks: new Map(), lowered: new Map(), unsettled: [], lastId: 0 };
  for (const entry of entries) {
    if (entry.type === "reserved") {
      open.set(entry.id, entry);
      fold.lastId = Math.max(fold.lastId, entry.id);
    } else if (entry.type === "settled") {
      const payer = open.get(entry.id);
      if (open.delete(entry.id) && payer) fold.spent.push({ payer, usage: entry.usage, at: entry.at });
    } else if (entry.type === "spent") fold.spent.push({ payer: entry, usage: entry.usage, at: null });
    else if (entry.type === "total") fold.total = entry;
    else if (entry.type === "lowered") fold.lowered.set(entry.scope, entry.limit);
    else fold.marks.set(entry.team, entry.type === "closed");
  }
  fold.unsettled = [...open.values()];
  for (const payer of fold.unsettled) fold.spent.push({ payer, usage: payer.worst, at: payer.at });
  return fold;
}
