import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../lib/assert.ts";
import type { FailureReason } from "../model/records.ts";
import { evolve } from "./evolve.ts";
import { Fleet } from "./fleet.testing.ts";
import { engineDefaults } from "./options.ts";
import { loadSnapshot, takeSnapshot } from "./snapshot.ts";
import { heldBack } from "./standing.ts";
import { emptyState, teamIndex } from "./state.ts";

/** A team of `desired` agents with many tasks that nothing holds back. */
function busyFleet(desired: number, tasks = 60): Fleet {
  const fleet = new Fleet({ maxFailures: 100, retryDelayMs: 600_000, maxRetryDelayMs: 600_000 });
  fleet.team(Object.fromEntries(Array.from({ length: tasks }, (_, i) => [`k${i}`, []])), { desired });
  return fleet;
}

const keyOf = (fleet: Fleet, agent: string) => {
  const { attempt } = present(fleet.state.agents.get(agent), agent);
  return attempt === null ? null : attempt.split("/")[1];
};

/** What an agent works on fails. */
function fail(fleet: Fleet, agent: string, reason: FailureReason = "agent-error"): void {
  const attempt = present(fleet.state.agents.get(agent)?.attempt, `work of ${agent}`);
  fleet.report({ type: "attemptFailed", attempt, failure: { reason, detail: "no" }, commit: null });
}

function finish(fleet: Fleet, agent: string): void {
  fleet.finish(present(keyOf(fleet, agent), `work of ${agent}`));
}

const held = (fleet: Fleet) => heldBack(fleet.state, teamIndex(fleet.state, "t1"), fleet.at);
const named = (fleet: Fleet, type: string) => fleet.events.filter((event) => event.type === type);

test("an agent that fails three tasks in a row by its own fault gets no more work for half a minute, and then one task", () => {
  const fleet = busyFleet(4);
  for (let i = 0; i < 3; i++) fail(fleet, "t1-a1");
  equal(keyOf(fleet, "t1-a1"), null);
  equal(held(fleet), 1);

  fleet.at += 29_999;
  fleet.run({ type: "wake" });
  equal(keyOf(fleet, "t1-a1"), null);
  // Chance adds up to a fifth.
  fleet.at += 6_001;
  fleet.run({ type: "wake" });
  ok(keyOf(fleet, "t1-a1"));

  fail(fleet, "t1-a1");
  fleet.at += 36_000;
  fleet.run({ type: "wake" });
  equal(keyOf(fleet, "t1-a1"), null, "it stays out for twice as long");
  fleet.at += 36_001;
  fleet.run({ type: "wake" });
  finish(fleet, "t1-a1");
  ok(keyOf(fleet, "t1-a1"));
  equal(fleet.state.agents.get("t1-a1")?.standing?.closedAt, fleet.at);
});

test("a failed gate, a conflict, a provider that is down and a task that fails again trip no breaker", () => {
  const fleet = busyFleet(4);
  for (const reason of ["gate", "conflict", "provider", "loop", "timeout"] as const) {
    for (let i = 0; i < 2; i++) fail(fleet, "t1-a1", reason);
  }
  deepEqual(named(fleet, "agentBreaker"), []);

  const again = new Fleet({ maxFailures: 100, retryDelayMs: 0 });
  again.team({ a: [] }, { desired: 2 });
  const { agent } = again.attempt("a");
  again.run({ type: "pauseAgent", agent: agent === "t1-a1" ? "t1-a2" : "t1-a1" });
  for (let i = 0; i < 5; i++) fail(again, agent);
  equal(again.attempt("a").agent, agent);
});

test("a probe that ends without a verdict gives its place back", () => {
  const fleet = busyFleet(4);
  for (let i = 0; i < 3; i++) fail(fleet, "t1-a1");
  fleet.at += 36_000;
  fleet.run({ type: "wake" });
  const task = `t1/${keyOf(fleet, "t1-a1")}`;
  fleet.run({ type: "cancelTask", task });
  ok(keyOf(fleet, "t1-a1"), "and is tried again at once");
});

test("when most agents are out by their breakers, all get work: the cause is not them", () => {
  const fleet = busyFleet(4, 100);
  const agents = ["t1-a1", "t1-a2", "t1-a3", "t1-a4"];
  for (const agent of agents.slice(0, 2)) for (let i = 0; i < 3; i++) fail(fleet, agent);
  equal(held(fleet), 2);
  for (let i = 0; i < 3; i++) fail(fleet, "t1-a3");
  equal(held(fleet), 0);
  deepEqual(
    agents.map((agent) => keyOf(fleet, agent) === null),
    [false, false, false, false],
  );
});

test("one that fails every gate where its peers fail few is set aside, one at a time, for longer each time", () => {
  const fleet = busyFleet(6, 200);
  const peers = ["t1-a2", "t1-a3", "t1-a4", "t1-a5", "t1-a6"];
  for (let round = 0; round < 4; round++) for (const peer of peers) finish(fleet, peer);
  for (let i = 0; i < 3; i++) fail(fleet, "t1-a1", "gate");
  const [first] = named(fleet, "agentHeld");
  ok(first?.type === "agentHeld");
  match(first.evidence.detail, /3 of its last 3 attempts failed, of its peers' 0 of 20/);
  equal(first.until, fleet.at + 30_000);
  equal(keyOf(fleet, "t1-a1"), null);

  fleet.at = first.until;
  fleet.run({ type: "wake" });
  for (let i = 0; i < 3; i++) fail(fleet, "t1-a1", "gate");
  const [, second] = named(fleet, "agentHeld");
  equal(second?.type === "agentHeld" && second.until, fleet.at + 60_000);
});

test("what is hard for everyone sets nobody aside", () => {
  const fleet = busyFleet(6, 200);
  for (let round = 0; round < 5; round++) for (let i = 1; i <= 6; i++) fail(fleet, `t1-a${i}`, "gate");
  deepEqual(named(fleet, "agentHeld"), []);
});

test("one that comes back gets work after those that are well, until its slow start is over", () => {
  const fleet = busyFleet(4, 12);
  for (let i = 0; i < 3; i++) fail(fleet, "t1-a1");
  fleet.at += 36_000;
  fleet.run({ type: "wake" });
  finish(fleet, "t1-a1");
  const order = ["t1-a1", "t1-a2", "t1-a3", "t1-a4"];
  while (order.some((agent) => keyOf(fleet, agent))) {
    for (const agent of order) if (keyOf(fleet, agent)) finish(fleet, agent);
  }
  fleet.at += 2_000_000;
  // The three that failed wait, and it has come back this moment, the first to be free.
  const lastBack = present(fleet.state.agents.get("t1-a1")?.standing, "its standing");
  lastBack.closedAt = fleet.at;
  const before = fleet.events.length;
  fleet.run({ type: "wake" });
  const agents = fleet.events.slice(before).flatMap((event) => (event.type === "attemptLeased" ? [event.agent] : []));
  deepEqual(agents.toSorted(), ["t1-a2", "t1-a3", "t1-a4"]);
});

test("what `breaker` and `outliers` in godel.yaml say takes effect", () => {
  const { policies } = engineDefaults;
  const tuned = { ...policies, breaker: { ...policies.breaker, failureThreshold: 1 } };
  const fleet = new Fleet({
    maxFailures: 100,
    policies: { ...tuned, outliers: { ...policies.outliers, enabled: false } },
  });
  fleet.team(Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`k${i}`, []])), { desired: 6 });
  fail(fleet, "t1-a1");
  equal(keyOf(fleet, "t1-a1"), null);
  for (let round = 0; round < 4; round++) for (let i = 3; i <= 6; i++) finish(fleet, `t1-a${i}`);
  for (let i = 0; i < 8; i++) fail(fleet, "t1-a2", "gate");
  deepEqual(named(fleet, "agentHeld"), []);
});

test("who gets work is the same after a replay, and after a snapshot", async () => {
  const fleet = busyFleet(6, 200);
  for (let round = 0; round < 4; round++) for (let i = 2; i <= 6; i++) finish(fleet, `t1-a${i}`);
  for (let i = 0; i < 3; i++) fail(fleet, "t1-a1", "gate");
  for (let i = 0; i < 3; i++) fail(fleet, "t1-a2");
  equal(held(fleet), 2);

  const replayed = emptyState();
  for (const event of fleet.events) evolve(replayed, event);
  const loaded = await loadSnapshot(
    (async function* () {
      yield* takeSnapshot(fleet.state);
    })(),
  );
  for (const state of [replayed, loaded]) {
    equal(heldBack(state, teamIndex(state, "t1"), fleet.at), 2);
    deepEqual(state.agents, fleet.state.agents);
  }
});
