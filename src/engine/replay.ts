import type { Journal, Snapshot } from "../journal/journal.ts";
import { codeOf, messageOf } from "../lib/errors.ts";
import { evolve } from "./evolve.ts";
import { checkInvariants } from "./invariants.ts";
import { loadSnapshot } from "./snapshot.ts";
import { emptyState, type State } from "./state.ts";

/** What a replay reads. */
export type Source = Pick<Journal, "latestSnapshot" | "previousSnapshot" | "read">;

export interface Replayed {
  state: State;
  /** The last event that it includes. */
  seq: bigint;
  /** What the last two snapshots include, 0 for one that is not there. A damaged one counts. */
  snapshotSeq: bigint;
  previousSeq: bigint;
  /** What was damaged, and how it was got around, for the log. */
  mended: string[];
}

/** The state that a journal holds: a snapshot of it, and every event since. Decides nothing, and checks every invariant. */
export async function replay(journal: Source): Promise<Replayed> {
  const [latest, previous] = [await journal.latestSnapshot(), await journal.previousSnapshot()];
  const found = { snapshotSeq: latest?.seq ?? 0n, previousSeq: previous?.seq ?? 0n };
  if (latest === null) return { ...(await replayFrom(journal, null)), ...found, mended: [] };
  try {
    return { ...(await replayFrom(journal, latest)), ...found, mended: [] };
  } catch (error) {
    if (codeOf(error) !== "JOURNAL_CORRUPT") throw error;
    const replayed = await replayWithout(journal, previous, error);
    return { ...replayed, ...found, mended: [`${messageOf(error)}: replayed from event ${replayed.from} instead`] };
  }
}

/** From the snapshot before the damaged one, else from the beginning. @throws `damage` where neither leads to the end. */
async function replayWithout(journal: Source, previous: Snapshot | null, damage: unknown) {
  for (const snapshot of previous ? [previous, null] : [null]) {
    try {
      return { ...(await replayFrom(journal, snapshot)), from: (snapshot?.seq ?? 0n) + 1n };
    } catch (error) {
      // Damaged as well, or its events are forgotten.
      if (codeOf(error) !== "JOURNAL_CORRUPT" && codeOf(error) !== "JOURNAL_CONFLICT") throw error;
    }
  }
  throw damage;
}

async function replayFrom(journal: Source, snapshot: Snapshot | null): Promise<Pick<Replayed, "state" | "seq">> {
  const state = snapshot ? await loadSnapshot(snapshot.chunks) : emptyState();
  let seq = snapshot?.seq ?? 0n;
  for await (const batch of journal.read(seq)) {
    const known = batch.events.length - Number(batch.seq - seq);
    for (const event of known > 0 ? batch.events.slice(known) : batch.events) evolve(state, event);
    seq = batch.seq;
  }
  checkInvariants(state);
  return { state, seq };
}
