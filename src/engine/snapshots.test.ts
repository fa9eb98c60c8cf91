/** Snapshots while the fleet goes on, and starts from damaged ones. */
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { type Journal, MemoryStore, openMemoryJournal, openSqliteJournal } from "../journal/index.ts";
import { systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { pick, type Random, seededRandom } from "../lib/random.ts";
import type { Report } from "../model/link.ts";
import { attemptEnded } from "../model/states.ts";
import { Engine, type EngineParts } from "./engine.ts";
import { planOf, teamSpec } from "./fleet.testing.ts";
import { replay } from "./replay.ts";
import { snapshotNow } from "./snapshot.ts";
import { takeInThread } from "./snapshot-thread.ts";
import { type Taken, takeByReplay } from "./snapshots.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

function parts(journal: Journal, more: Partial<EngineParts> = {}): EngineParts {
  const onFatal = (error: unknown) => {
    throw error;
  };
  return { journal, clock: systemClock, random: seededRandom(1), onFatal, ...more };
}

/** Something that may happen to a fleet, drawn by chance. */
async function disturb(engine: Engine, random: Random): Promise<void> {
  const report = (given: Report) => engine.submit({ type: "acceptReport", node: "n1", report: given }).catch(refused);
  const roll = random.next();
  if (roll < 0.02) {
    const id = `t${engine.state.teams.size + 1}`;
    const plan = planOf({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] });
    await engine.submit({ type: "createTeam", team: teamSpec({ id, name: id, desired: 3, max: 3 }), plan });
    return;
  }
  if (roll < 0.03) await engine.submit({ type: "loseNode", node: "n1", pid: 7, reason: "killed", planned: false });
  if (roll < 0.04) await join1(engine);
  const agent = pick(random, [...engine.state.agents.values()]);
  if (agent?.state === "starting") await report({ type: "agentReady", agent: agent.id, hostPid: 1, sessionId: "s" });
  const open = [...engine.state.attempts.values()].filter(({ state }) => !attemptEnded(state));
  const attempt = pick(random, open);
  if (!attempt) return;
  const failure = { reason: "gate", detail: "ünïcode 🙂" } as const;
  if (random.next() < 0.1)
    return void (await report({ type: "attemptFailed", attempt: attempt.id, failure, commit: null }));
  const { id } = attempt;
  if (attempt.state === "leased")
    await report({ type: "attemptStarted", attempt: id, sessionId: "s", transcript: null });
  else if (attempt.state === "running") await report({ type: "attemptVerifying", attempt: id });
  else if (attempt.state === "verifying") await report({ type: "attemptVerified", attempt: id, commit: "c" });
  else await report({ type: "attemptMerged", attempt: id, commit: "m" });
}

function refused(error: unknown): void {
  if (!(error instanceof GodelError)) throw error;
}

async function join1(engine: Engine): Promise<void> {
  await engine.submit({ type: "joinNode", node: "n1", pid: 7, cores: 2, agents: [], attempts: [] });
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

const atOnce = (engine: Engine) => Buffer.concat(snapshotNow(engine.state)).toString();

/** A snapshot whose every chunk waits for some turns of the loop, in pieces of a few letters. */
function inSlices({ seq, chunks }: Taken, turns: () => number): Taken {
  async function* slices() {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += 997) {
        for (let turn = turns(); turn > 0; turn--) await nextTurn();
        yield chunk.subarray(at, at + 997);
      }
    }
  }
  return { seq, chunks: slices() };
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`a snapshot taken in slices while the fleet goes on is the one taken at once at its event (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const store = new MemoryStore();
    const journal = openMemoryJournal(store);
    const takeSnapshot = async () => inSlices(await takeByReplay(journal), () => Math.floor(random.next() * 6));
    const engine = await Engine.open(
      parts(journal, { random, takeSnapshot, options: { snapshotEvery: 40, retryDelayMs: 1 } }),
    );
    const expected = new Map<bigint, string>();
    engine.subscribe((_events, seq) => expected.set(seq, atOnce(engine)));
    await join1(engine);
    const seen = new Set<bigint>();
    let during = 0;
    for (let step = 0; step < 1_000; step++) {
      await disturb(engine, random);
      const snapshot = await journal.latestSnapshot();
      if (!snapshot || seen.has(snapshot.seq)) continue;
      if (snapshot.seq < engine.seq) during++;
      seen.add(snapshot.seq);
      equal(await textOf(snapshot.chunks), expected.get(snapshot.seq));
    }
    equal(seen.size >= 4 && during >= 2, true, `${seen.size} snapshots, ${during} while it went on`);
    const last = atOnce(engine);
    await engine.close();
    const { state, seq } = await replay(openMemoryJournal(store));
    deepEqual([Buffer.concat(snapshotNow(state)).toString(), seq], [last, engine.seq]);
  });
}

test("the journal does not grow without bound, and keeps what the snapshot before the last needs", async () => {
  const store = new MemoryStore();
  const random = seededRandom(7);
  const engine = await Engine.open(
    parts(openMemoryJournal(store), { options: { snapshotEvery: 50, retryDelayMs: 1 } }),
  );
  await join1(engine);
  for (let step = 0; step < 1_500; step++) {
    await disturb(engine, random);
    const events = engine.seq - store.forgotten;
    equal(events < 200n, true, `${events} events are kept`);
    equal(store.forgotten <= (store.snapshots[1]?.seq ?? 0n), true);
  }
  await engine.close();
  equal(engine.seq > 500n, true);
});

test("a slow disk holds up no reply, and only the next snapshot", async (context) => {
  const journal = openMemoryJournal(new MemoryStore());
  const disk = Promise.withResolvers<void>();
  const save = journal.saveSnapshot.bind(journal);
  let saves = 0;
  journal.saveSnapshot = async (...given) => {
    saves++;
    await disk.promise;
    return save(...given);
  };
  const engine = await Engine.open(parts(journal, { options: { snapshotEvery: 2 } }));
  context.after(() => engine.close());
  for (let i = 1; i < 20; i++)
    await engine.submit({ type: "createTeam", team: teamSpec({ id: `t${i}`, name: `n${i}` }), plan: null });
  equal(saves, 1);
  disk.resolve();
});

test("a snapshot that finds no room is left for later, and said", async () => {
  const journal = openMemoryJournal(new MemoryStore());
  const said: string[] = [];
  const save = journal.saveSnapshot.bind(journal);
  journal.saveSnapshot = () => Promise.reject(new GodelError("DISK_FULL", "no space left"));
  const engine = await Engine.open(
    parts(journal, { options: { snapshotEvery: 2 }, report: (line) => said.push(line) }),
  );
  const create = (i: number) =>
    engine.submit({ type: "createTeam", team: teamSpec({ id: `t${i}`, name: `n${i}` }), plan: null });
  await create(1);
  await create(2);
  deepEqual(said, ["no snapshot now: no space left"]);
  journal.saveSnapshot = save;
  for (const i of [3, 4, 5]) await create(i);
  await nextTurn();
  equal(((await journal.latestSnapshot())?.seq ?? 0n) > 0n, true);
  await engine.close();
});

test("a start goes back to the snapshot before a damaged one, and says so; without one it is refused", async (context) => {
  const path = await livedIn(context);
  const before = await stateOf(path);
  const damage = (age: number) => appendFileSync(join(path, "..", snapshotsOf(path)[age] ?? ""), "x");

  damage(0);
  const said: string[] = [];
  const engine = await Engine.open(parts(openSqliteJournal(path), { report: (line) => said.push(line) }));
  equal(said.length, 1);
  match(said[0] ?? "", /is not the snapshot that was written: replayed from event \d+ instead/);
  deepEqual({ ...engine.state, epoch: 0n, at: 0, index: null }, { ...before, epoch: 0n, at: 0, index: null });
  await engine.close();

  damage(0);
  damage(1);
  await rejects(Engine.open(parts(openSqliteJournal(path))), { code: "JOURNAL_CORRUPT" });
});

test("damage that a snapshot finds in the journal is healed from memory", async (context) => {
  const path = await livedIn(context);
  const said: string[] = [];
  const engine = await Engine.open(
    parts(openSqliteJournal(path), {
      takeSnapshot: () => takeInThread(path),
      options: { snapshotEvery: 3 },
      report: (line) => said.push(line),
    }),
  );
  const database = new DatabaseSync(path);
  database.exec("UPDATE batches SET crc = crc + 1 WHERE seq = (SELECT max(seq) FROM batches)");
  database.close();
  const since = engine.seq;
  for (let i = 10; snapshotSeqs(path).every((seq) => seq <= since); i++) {
    await engine.submit({ type: "createTeam", team: teamSpec({ id: `t${i}`, name: `n${i}` }), plan: null });
    await nextTurn();
  }
  match(said.join("\n"), /no snapshot now: the journal is damaged at event/);
  await engine.close();
  const { state, mended } = await replay(openSqliteJournal(path));
  deepEqual([state.teams.size, mended], [engine.state.teams.size, []]);
});

test("a snapshot taken in a thread is the one taken at once", async (context) => {
  const path = await livedIn(context, 1_000);
  const { seq, chunks } = await takeInThread(path);
  const replayed = await replay(openSqliteJournal(path));
  equal(seq, replayed.seq);
  equal(await textOf(chunks), Buffer.concat(snapshotNow(replayed.state)).toString());
  await rejects(takeInThread(`${path}.absent`), { code: "HOME_UNUSABLE" });
});

/** The path of a journal that an engine wrote, with two snapshots and events after each. */
async function livedIn(context: TestContext, teams = 9): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "godel-snapshots-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "journal.db");
  for (const run of [0, 1]) {
    const engine = await Engine.open(parts(openSqliteJournal(path)));
    const create = (i: number) =>
      engine.submit({ type: "createTeam", team: teamSpec({ id: `r${run}t${i}`, name: `r${run}n${i}` }), plan: null });
    await Promise.all(Array.from({ length: teams }, (_, i) => create(i)));
    await engine.close();
  }
  return path;
}

async function stateOf(path: string) {
  const journal = openSqliteJournal(path);
  const { state } = await replay(journal);
  await journal.close();
  return state;
}

/** Names of the snapshots, the newest first. */
function snapshotsOf(path: string): string[] {
  const seqOf = (name: string) => Number(/snapshot-(\d+)/.exec(name)?.[1]);
  const names = readdirSync(join(path, "..")).filter((name) => name.includes(".snapshot-"));
  return names.sort((a, b) => seqOf(b) - seqOf(a));
}

function snapshotSeqs(path: string): bigint[] {
  return snapshotsOf(path).map((name) => BigInt(/snapshot-(\d+)/.exec(name)?.[1] ?? 0));
}
