import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { policyDefaults } from "../federation/policies.ts";
import { resourceDefaults } from "../federation/resources/options.ts";
import { present } from "../lib/assert.ts";
import fc from "../lib/properties.testing.ts";
import type { TeamSpec } from "../model/records.ts";
import { evenShare } from "../model/share.ts";
import { teamEnded } from "../model/states.ts";
import { Fleet, planOf, teamSpec } from "./fleet.testing.ts";
import { attemptOf, taskOf, teamIndex, teamOf } from "./state.ts";

/** Teams on one node that takes `maxAgents`. */
class Shared extends Fleet {
  readonly maxAgents: number;

  constructor(maxAgents: number, maxAgentsPerTeam = Number.POSITIVE_INFINITY) {
    const resources = { ...resourceDefaults, maxAgents, maxAgentsPerTeam };
    super({ policies: { ...policyDefaults, resources } });
    this.maxAgents = maxAgents;
    this.join();
  }

  add(id: string, tasks: number, overrides: Partial<TeamSpec> = {}): void {
    const plan = planOf(Object.fromEntries(Array.from({ length: tasks }, (_, i) => [`k${i}`, []])));
    this.run({ type: "createTeam", team: teamSpec({ id, name: id, desired: 10, ...overrides }), plan });
    this.settle();
  }

  agents(team: string): number {
    return teamIndex(this.state, team).live.size;
  }

  /** What starts is up, and what was told to leave and is free is gone. */
  settle(): void {
    for (let before = -1; before !== this.events.length; ) {
      before = this.events.length;
      this.startAll();
      for (const agent of [...this.state.agents.values()]) {
        if (agent.state !== "draining" || agent.attempt !== null) continue;
        this.report({ type: "agentStopped", agent: agent.id, reason: "it was told to", failed: false });
      }
    }
  }

  working(): string[] {
    return [...this.state.attempts.values()].filter(({ state }) => state === "leased").map(({ id }) => id);
  }

  done(attempt: string): void {
    const { task, team } = attemptOf(this.state, attempt);
    const { key } = taskOf(this.state, task);
    this.report({ type: "attemptStarted", attempt, sessionId: "s", transcript: null });
    this.report({ type: "attemptVerifying", attempt });
    this.report({ type: "attemptVerified", attempt, commit: `c-${key}` });
    this.report({ type: "attemptMerged", attempt, commit: `m-${team}-${key}` });
    this.settle();
  }

  /** Every agent finishes what it works on, once. */
  round(): void {
    for (const attempt of this.working()) this.done(attempt);
  }
}

test("while there is room every team has what it asked for", () => {
  const fleet = new Shared(20);
  fleet.add("a", 50);
  fleet.add("b", 50);
  deepEqual([fleet.agents("a"), fleet.agents("b")], [10, 10]);
});

test("a second team has its part once agents of the first have finished what they do, and not before", () => {
  const fleet = new Shared(10);
  fleet.add("a", 50);
  fleet.add("b", 50);
  deepEqual([fleet.agents("a"), fleet.agents("b")], [10, 0]);
  equal(teamIndex(fleet.state, "a").draining, 5);
  fleet.round();
  deepEqual([fleet.agents("a"), fleet.agents("b")], [5, 5]);
});

test("by weight, and by a new weight from when it is given", () => {
  const fleet = new Shared(12);
  fleet.add("a", 500, { desired: 12, share: { weight: 3, priority: 0 } });
  fleet.add("b", 500, { desired: 12 });
  fleet.round();
  deepEqual([fleet.agents("a"), fleet.agents("b")], [9, 3]);
  fleet.run({ type: "shareTeam", team: "b", share: { weight: 9, priority: 0 } });
  fleet.round();
  deepEqual([fleet.agents("a"), fleet.agents("b")], [3, 9]);
});

test("a higher priority comes first, and leaves one agent to each other", () => {
  const fleet = new Shared(6);
  fleet.add("a", 50);
  fleet.add("b", 50, { share: { weight: 1, priority: 1 } });
  fleet.round();
  deepEqual([fleet.agents("a"), fleet.agents("b")], [1, 5]);
});

test("a team holds no agents for which it has no task while others want them, and a paused one none but those at work", () => {
  const fleet = new Shared(10);
  fleet.add("a", 2);
  fleet.add("b", 50);
  deepEqual([fleet.agents("a"), fleet.agents("b")], [2, 8]);
  fleet.run({ type: "pauseTeam", team: "b" });
  fleet.add("c", 50);
  fleet.round();
  fleet.round();
  ok(fleet.agents("c") >= 5, `${fleet.agents("c")}`);
});

test("a team whose size follows its work keeps to its share, and never loses an agent that works", () => {
  const fleet = new Shared(6);
  fleet.add("a", 50, { desired: 1, min: 1, max: 10 });
  fleet.add("b", 50, { desired: 1, min: 1, max: 10 });
  for (let i = 0; i < 40; i++) {
    fleet.at += 5_000;
    fleet.run({ type: "wake" });
    fleet.round();
    ok(fleet.agents("a") + fleet.agents("b") <= 6);
  }
  for (const team of ["a", "b"]) equal(teamOf(fleet.state, team).state, "done");
});

test("a quota of each team bounds it, whatever room there is", () => {
  const fleet = new Shared(Number.POSITIVE_INFINITY, 3);
  fleet.add("a", 50);
  equal(fleet.agents("a"), 3);
});

test("a share out of range is refused, and the same again is no news", () => {
  const fleet = new Shared(10);
  fleet.add("a", 5);
  const share = (weight: number, priority: number) =>
    fleet.run({ type: "shareTeam", team: "a", share: { weight, priority } });
  for (const [weight, priority] of [
    [0, 0],
    [101, 0],
    [1, 11],
    [1, 0.5],
  ] as const) {
    throws(() => share(weight, priority), { code: "OPTION_RANGE" });
  }
  deepEqual(share(evenShare.weight, evenShare.priority), []);
  equal(share(2, 1)[0]?.type, "teamShared");
});

const arrivals = fc.array(
  fc.record({
    desired: fc.integer({ min: 1, max: 8 }),
    tasks: fc.integer({ min: 1, max: 12 }),
    weight: fc.integer({ min: 1, max: 9 }),
    priority: fc.integer({ min: -1, max: 1 }),
    scaled: fc.boolean(),
    after: fc.integer({ min: 0, max: 6 }),
  }),
  { minLength: 1, maxLength: 5 },
);

test("whoever comes when: never more agents than places, no agent taken from its work, no team starves, all get done", () => {
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 5, max: 9 }), fc.infiniteStream(fc.nat()), (teams, places, choices) => {
      const fleet = new Shared(places);
      const next = () => Number(choices.next().value);
      const waited = new Map<string, number>();
      for (const [i, { tasks, desired, scaled, after, ...share }] of teams.entries()) {
        for (let step = 0; step < after; step++) finishOne(fleet, next, waited);
        const size = scaled ? { desired, min: 1, max: desired } : { desired, min: desired, max: desired };
        fleet.add(`t${i}`, tasks, { ...size, share });
      }
      for (let step = 0; step < 200 && fleet.state.index.active.size > 0; step++) finishOne(fleet, next, waited);
      for (const team of fleet.state.teams.values()) equal(team.state, "done", `${team.id} is ${team.state}`);
    }),
    { numRuns: 60 },
  );
});

/** Steps that a team with work may wait for its first agent: one of each agent that is in its place has to finish. */
const patience = 40;

function finishOne(fleet: Shared, next: () => number, waited: Map<string, number>): void {
  const working = fleet.working();
  if (working.length > 0) fleet.done(present(working[next() % working.length], "an attempt"));
  fleet.at += 2_000;
  fleet.run({ type: "wake" });
  fleet.settle();
  const live = [...fleet.state.index.active].flatMap((team) => [...teamIndex(fleet.state, team).live]);
  ok(live.length <= fleet.maxAgents, `${live.length} agents where ${fleet.maxAgents} have room`);
  for (const { id, state } of fleet.state.attempts.values()) ok(!["lost", "failed", "cancelled"].includes(state), id);
  for (const { id, state } of fleet.state.teams.values()) {
    const waits = !teamEnded(state) && fleet.agents(id) === 0 ? (waited.get(id) ?? 0) + 1 : 0;
    waited.set(id, waits);
    ok(waits <= patience, `${id} has waited for ${waits} steps`);
  }
}
