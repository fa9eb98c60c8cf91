/** Teams that leave the state when they are over, and what is known of them afterwards. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Journal, MemoryStore, openMemoryJournal } from "../journal/index.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { seededRandom } from "../lib/random.ts";
import type { Event } from "../model/events.ts";
import type { Report } from "../model/link.ts";
import { noUsage } from "../model/usage.ts";
import { Engine } from "./engine.ts";
import { planOf, teamSpec } from "./fleet.testing.ts";
import type { EngineOptions } from "./options.ts";
import { replay } from "./replay.ts";
import { loadSnapshot } from "./snapshot.ts";
import type { State } from "./state.ts";

const soon: Partial<EngineOptions> = { archiveAfterMs: 0 };
const never: Partial<EngineOptions> = { archiveAfterMs: 1e9 };
/** Who gets which task depends on how long others took: two runs are alike only where nothing takes any time. */
const stillClock: Clock = { ...systemClock, wall: () => 1_800_000_000_000, monotonic: () => 0 };
const usage = { ...noUsage, requests: 1, input: 10, output: 5, costUsd: 0.25 };

/** An engine with a node that does all that it is told, but for tasks whose key begins with `bad`. */
async function fleet(context: TestContext, journal: Journal, options: Partial<EngineOptions>) {
  const reports: string[] = [];
  const engine = await Engine.open({
    journal,
    clock: stillClock,
    random: seededRandom(1),
    options: { maxFailures: 1, ...options },
    report: (line) => reports.push(line),
    onFatal(error) {
      throw error;
    },
  });
  context.after(() => engine.close());
  const waiting: { type: Event["type"]; heard(): void }[] = [];
  engine.subscribe((events) => {
    for (const event of events) {
      for (const report of answersTo(event)) void engine.submit({ type: "acceptReport", node: "n1", report });
      for (const { type, heard } of waiting) if (type === event.type) heard();
    }
  });
  await engine.submit({ type: "joinNode", node: "n1", pid: 7, cores: 2, agents: [], attempts: [] });
  const next = (type: Event["type"]) => new Promise<void>((heard) => waiting.push({ type, heard }));
  return { engine, next, reports };
}

function answersTo(event: Event): Report[] {
  if (event.type === "agentRequested")
    return [{ type: "agentReady", agent: event.agent, hostPid: 70, sessionId: `s-${event.agent}` }];
  if (event.type === "agentDraining")
    return [{ type: "agentStopped", agent: event.agent, reason: "drained", failed: false }];
  if (event.type === "attemptMerging")
    return [{ type: "attemptMerged", attempt: event.attempt, commit: `m-${event.attempt}` }];
  if (event.type !== "attemptLeased") return [];
  const { attempt } = event;
  const failure = { reason: "gate", detail: "no" } as const;
  return [
    { type: "attemptStarted", attempt, sessionId: "s", transcript: "/t" },
    { type: "attemptSpent", attempt, usage },
    { type: "attemptVerifying", attempt },
    attempt.includes("/bad") && attempt.endsWith("/1")
      ? { type: "attemptFailed", attempt, failure, commit: "kept" }
      : { type: "attemptVerified", attempt, commit: `c-${attempt}` },
  ];
}

const create = {
  type: "createTeam",
  team: teamSpec(),
  plan: planOf({ a: [], bad: ["a"], c: ["bad"], d: ["a"] }),
} as const;

/** All that is known of a team, but for where it is kept. */
function known(state: State, id: string) {
  const { archived: _, ...team } = state.teams.get(id) ?? {};
  const of = <T extends { team: string }>(map: Map<string, T>) => [...map.values()].filter((one) => one.team === id);
  const counts = state.index.teams.get(id)?.taskCounts;
  return {
    team,
    tasks: of(state.tasks),
    attempts: of(state.attempts),
    agents: of(state.agents),
    counts,
  };
}

test("what is known of a team is the same after it left the state as before, and after the next start", async (context) => {
  const stays = await fleet(context, openMemoryJournal(), never);
  await stays.engine.submit(create);
  await stays.next("agentStopped");
  equal(stays.engine.state.index.active.size, 0);
  const store = new MemoryStore();
  const { engine, next } = await fleet(context, openMemoryJournal(store), soon);
  void engine.submit(create);
  await next("teamArchived");

  deepEqual([engine.state.tasks.size, engine.state.attempts.size, engine.state.agents.size], [0, 0, 0]);
  const isTime = (key: string, value: unknown) => typeof value === "number" && (value > 1e12 || key === "meanMs");
  const times = (key: string, value: unknown) => (isTime(key, value) ? "a time" : value);
  const timeless = (state: State) => JSON.parse(JSON.stringify(known(state, "t1"), times));
  deepEqual(timeless(await engine.stateOf("t1")), timeless(stays.engine.state));
  deepEqual(engine.state.index.teams.get("t1")?.taskCounts, stays.engine.state.index.teams.get("t1")?.taskCounts);

  const before = known(await engine.stateOf("t1"), "t1");
  await engine.close();
  const again = await fleet(context, openMemoryJournal(store), soon);
  deepEqual(known(await again.engine.stateOf("t1"), "t1"), before);
  equal(again.engine.state.tasks.size, 0);
});

test("a task of a team that left is tried again when a person asks, and the team leaves again once it is over", async (context) => {
  const store = new MemoryStore();
  const { engine, next } = await fleet(context, openMemoryJournal(store), soon);
  void engine.submit(create);
  await next("teamArchived");
  await engine.submit({ type: "retryTask", task: "t1/bad" });
  equal(engine.state.teams.get("t1")?.state, "running");
  await next("teamArchived");
  const { tasks, teams } = await engine.stateOf("t1");
  deepEqual(
    [...tasks.values()].map(({ key, state }) => `${key} ${state}`),
    ["a done", "bad done", "c done", "d done"],
  );
  equal(teams.get("t1")?.state, "done");
  await engine.submit({ type: "wake" });
  equal(store.kept.get("t1")?.size, 1, "the older version is dropped");
  const { state } = await replay(openMemoryJournal(store));
  deepEqual(known(state, "t1").team, known(engine.state, "t1").team);
});

test("money that is told after its team left is counted, and a repeat of it is not", async (context) => {
  const { engine, next } = await fleet(context, openMemoryJournal(), soon);
  void engine.submit(create);
  await next("teamArchived");
  const spent = engine.state.teams.get("t1")?.usage.costUsd ?? 0;
  const report = { type: "attemptSpent", attempt: "t1/a/1", usage: { ...usage, requests: 2, costUsd: 0.75 } } as const;
  await engine.submit({ type: "acceptReport", node: "n1", report });
  equal(engine.state.teams.get("t1")?.usage.costUsd, spent + 0.5);
  await next("teamArchived");
  deepEqual(await engine.submit({ type: "acceptReport", node: "n1", report }), []);
  equal((await engine.stateOf("t1")).attempts.get("t1/a/1")?.usage.costUsd, 0.75);
});

test("past so many ended tasks, the teams that ended first leave at once", async (context) => {
  const { engine, next } = await fleet(context, openMemoryJournal(), { ...never, maxEndedTasks: 5 });
  for (const id of ["t1", "t2", "t3"]) {
    void engine.submit({ ...create, team: teamSpec({ id, name: id }) });
    await next("teamEnded");
  }
  while (!engine.state.teams.get("t2")?.archived) await next("teamArchived");
  deepEqual(
    [...engine.state.teams.values()].map(({ archived }) => archived !== null),
    [true, true, false],
  );
});

test("a snapshot follows at once when as many tasks leave as events lie between two", async (context) => {
  const store = new MemoryStore();
  const { engine, next } = await fleet(context, openMemoryJournal(store), { ...soon, snapshotEvery: 1_050 });
  const many = planOf(Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`k${i}`, []])));
  void engine.submit({ ...create, plan: many });
  await next("teamArchived");
  ok(engine.seq < 1_050n, "not by the number of events");
  while (store.snapshots.length === 0) await engine.submit({ type: "wake" });
  const snapshot = await openMemoryJournal(store).latestSnapshot();
  equal((await loadSnapshot(snapshot?.chunks ?? empty())).tasks.size, 0);
});

async function* empty(): AsyncGenerator<Uint8Array> {}

test("where what was kept is damaged, whoever asks is told, and the engine goes on", async (context) => {
  const store = new MemoryStore();
  const { engine, next, reports } = await fleet(context, openMemoryJournal(store), soon);
  void engine.submit(create);
  await next("teamArchived");
  store.kept.clear();
  await rejects(engine.stateOf("t1"), { code: "JOURNAL_CORRUPT" });
  await rejects(engine.submit({ type: "retryTask", task: "t1/bad" }), { code: "TASK_NOT_FOUND" });
  ok(reports[0]?.includes("t1"), reports[0]);
  void engine.submit({ ...create, team: teamSpec({ id: "t2", name: "two" }) });
  await next("teamArchived");
});

test("a full disk delays a team's leaving, and nothing else", async (context) => {
  const journal = openMemoryJournal();
  let full = true;
  const keep = journal.keep.bind(journal);
  journal.keep = (...given) => (full ? Promise.reject(new GodelError("DISK_FULL", "full")) : keep(...given));
  const { engine, next, reports } = await fleet(context, journal, soon);
  await engine.submit(create);
  await next("teamEnded");
  for (let turn = 0; reports.length === 0 && turn < 100; turn++) await engine.submit({ type: "wake" });
  equal(reports.length, 1);
  equal(engine.state.teams.get("t1")?.archived, null);
  full = false;
  await engine.submit({ type: "wake" });
  equal(engine.state.tasks.size, 4);
});
