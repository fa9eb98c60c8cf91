/**
 * Writes `test/fixtures/journal-vN`: a small journal as this version of godel writes it, N being its format.
 * Run it when the format is raised, before the release; fixtures of earlier formats stay as they are for good.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fleet } from "../src/engine/fleet.testing.ts";
import { snapshotNow } from "../src/engine/snapshot.ts";
import type { State } from "../src/engine/state.ts";
import { openSqliteJournal } from "../src/journal/index.ts";
import { formatVersion } from "../src/journal/sqlite/database.ts";
import type { Event } from "../src/model/events.ts";

/** What a fixture must say when it is opened: the end of its journal, and what each record is. */
export interface Expected {
  seq: string;
  snapshotSeq: string;
  states: Record<string, string>;
}

/** The state of everything in `state`, by id. */
export function statesOf(state: State): Record<string, string> {
  const records = [state.teams, state.tasks, state.attempts, state.agents, state.nodes].flatMap((part) => [
    ...part.values(),
  ]);
  return Object.fromEntries(records.map((record) => [record.id, record.state]));
}

if (import.meta.main) await write(join(import.meta.dirname, `../test/fixtures/journal-v${formatVersion}`));

async function write(folder: string): Promise<void> {
  if (existsSync(folder)) throw new Error(`${folder} is there; a fixture is written once`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "journal.db");
  const journal = openSqliteJournal(path);
  const { epoch } = await journal.acquire("fixture", 60_000);
  let seq = 0n;
  const append = async (events: readonly Event[]) => {
    seq = await journal.append(epoch, seq, `${epoch}-${seq}`, events);
  };
  const fleet = new Fleet();
  await append([{ type: "leaderElected", at: 1, epoch: String(epoch) }]);
  const upTo = async () => append(fleet.events.splice(0));
  fleet.team({ build: [], test: ["build"], lint: [], docs: [] });
  await upTo();
  fleet.finish("build");
  await upTo();
  fleet.fail("lint");
  await upTo();
  const snapshotSeq = seq;
  await journal.saveSnapshot(epoch, seq, chunksOf(snapshotNow(fleet.state)));
  fleet.report({ type: "attemptStarted", attempt: "t1/docs/1", sessionId: "s", transcript: "/transcript" });
  await upTo();
  fleet.run({ type: "cancelTask", task: "t1/lint" });
  await upTo();
  await journal.close();
  rmSync(`${path}.lock`);
  const expected: Expected = { seq: String(seq), snapshotSeq: String(snapshotSeq), states: statesOf(fleet.state) };
  writeFileSync(join(folder, "expected.json"), `${JSON.stringify(expected, null, 2)}\n`);
}

async function* chunksOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
