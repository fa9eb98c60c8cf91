import { deepEqual, equal, rejects } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Journal, MemoryStore, openMemoryJournal } from "../journal/index.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { seededRandom } from "../lib/random.ts";
import type { Command } from "../model/commands.ts";
import type { Report } from "../model/link.ts";
import { Engine } from "./engine.ts";
import { planOf, teamSpec } from "./fleet.testing.ts";
import type { EngineOptions } from "./options.ts";

function parts(journal: Journal, options: Partial<EngineOptions> = {}) {
  const fatal = Promise.withResolvers<unknown>();
  const onFatal = (error: unknown) => fatal.resolve(error);
  return { parts: { journal, clock: systemClock, random: seededRandom(1), options, onFatal }, fatal: fatal.promise };
}

async function opened(context: TestContext, store = new MemoryStore(), options: Partial<EngineOptions> = {}) {
  const engine = await Engine.open(parts(openMemoryJournal(store), options).parts);
  context.after(() => engine.close());
  return engine;
}

const createTeam = { type: "createTeam", team: teamSpec(), plan: planOf({ a: [], b: ["a"] }) } as const;
const joinNode: Command = { type: "joinNode", node: "n1", pid: 7, cores: 2, agents: [], attempts: [] };

test("a reply comes once its events are durable, and listeners hear of them before", async (context) => {
  const engine = await opened(context);
  const heard: string[] = [];
  engine.subscribe((events) => heard.push(...events.map(({ type }) => type)));
  const caused = await engine.submit(createTeam);
  deepEqual(
    caused.map(({ type }) => type),
    ["teamCreated", "teamPlanned", "taskQueued"],
  );
  deepEqual(heard, ["teamCreated", "teamPlanned", "taskQueued"]);
});

test("commands of one turn share an append, and one that is refused harms no other", async (context) => {
  const store = new MemoryStore();
  const engine = await opened(context, store);
  const before = engine.seq;
  const seqs: bigint[] = [];
  engine.subscribe((_events, seq) => seqs.push(seq));
  const refused = rejects(engine.submit({ type: "pauseTeam", team: "ghost" }), { code: "TEAM_NOT_FOUND" });
  await Promise.all([
    engine.submit(createTeam),
    refused,
    engine.submit({ ...createTeam, team: teamSpec({ id: "t2", name: "two" }) }),
  ]);
  deepEqual(seqs, [before + 6n]);
});

test("a new engine has the state of the last one, from the snapshot and what came after it", async () => {
  const store = new MemoryStore();
  const first = await Engine.open(parts(openMemoryJournal(store), { snapshotEvery: 3 }).parts);
  await first.submit(createTeam);
  await first.submit({ ...joinNode, type: "joinNode" });
  const before = structuredClone({ ...first.state, index: null, epoch: null, at: null });
  store.depose();

  const second = await Engine.open(parts(openMemoryJournal(store)).parts);
  deepEqual({ ...second.state, index: null, epoch: null, at: null }, before);
  equal(second.state.epoch > first.state.epoch, true);
  equal(second.state.index.teams.get("t1")?.live.size, 2);
  await second.close();
});

test("an append that fails ends the engine, and the caller is never told that it worked", async () => {
  const journal = openMemoryJournal(new MemoryStore());
  const { parts: given, fatal } = parts(journal);
  const engine = await Engine.open(given);
  journal.append = () => Promise.reject(new GodelError("DISK_FULL", "no space left"));
  let answered = false;
  engine.submit(createTeam).then(
    () => {
      answered = true;
    },
    () => {
      answered = true;
    },
  );
  equal(((await fatal) as GodelError).code, "DISK_FULL");
  equal(answered, false);
});

test("the time of events never goes back, even when the wall clock does", async () => {
  const store = new MemoryStore();
  const ahead = { ...systemClock, wall: () => systemClock.wall() + 1e9 };
  const first = await Engine.open({ ...parts(openMemoryJournal(store)).parts, clock: ahead });
  await first.submit(createTeam);
  const { at } = first.state;
  await first.close();
  const second = await Engine.open(parts(openMemoryJournal(store)).parts);
  equal(second.state.at >= at, true);
  await second.close();
});

test("a backoff that ends while its turn is being written is not missed", async () => {
  let now = 1_000;
  const timers: (() => void)[] = [];
  const clock: Clock = {
    wall: () => now,
    monotonic: () => now,
    after: (_delay, task) => {
      timers.push(task);
      return () => void timers.splice(timers.indexOf(task), 1);
    },
    soon: systemClock.soon,
  };
  const journal = openMemoryJournal(new MemoryStore());
  const engine = await Engine.open({ ...parts(journal).parts, clock });
  const report = (report: Report) => engine.submit({ type: "acceptReport", node: "n1", report });
  await engine.submit(joinNode);
  await engine.submit({ type: "createTeam", team: teamSpec({ desired: 1 }), plan: planOf({ a: [] }) });
  await report({ type: "agentReady", agent: "t1-a1", hostPid: 1, sessionId: "s" });

  const append = journal.append.bind(journal);
  journal.append = (...batch) => {
    now += 5_000;
    return append(...batch);
  };
  const failure = { reason: "agent-error", detail: "no" } as const;
  await report({ type: "attemptFailed", attempt: "t1/a/1", failure, commit: null });
  equal(engine.state.tasks.get("t1/a")?.state, "queued");
  await new Promise<void>((resolve) => clock.soon(resolve));
  equal(timers.length, 1, "the engine will wake");
  timers[0]?.();
  await engine.close();
  equal(engine.state.tasks.get("t1/a")?.state, "running");
});

test("when too many commands wait, a person's is refused, and what a node says is not", async (context) => {
  const engine = await opened(context);
  await engine.submit(joinNode);
  await engine.submit(createTeam);
  const asked = Array.from({ length: 10_000 }, () => engine.submit({ type: "pauseTeam", team: "t1" }));
  const heard = engine.submit({ type: "suspectNode", node: "n1" });
  await rejects(engine.submit({ type: "resumeTeam", team: "t1" }), { code: "OVERLOADED" });
  await Promise.all([...asked, heard]);
  equal(engine.state.nodes.get("n1")?.state, "suspect");
  await engine.submit({ type: "resumeTeam", team: "t1" });
});
