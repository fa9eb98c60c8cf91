import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "./fleet.testing.ts";
import { nextWake } from "./scheduler.ts";

const shared = 70;

/** The process of the host in which a task is worked on. */
function hostOf(fleet: Fleet, key: string): number {
  return fleet.state.agents.get(fleet.attempt(key).agent)?.hostPid ?? 0;
}

function dieTogether(fleet: Fleet, keys: readonly string[]): void {
  for (const key of keys) fleet.start(key);
  fleet.killHost(shared);
  fleet.startAll();
}

test("of the tasks in two dead hosts each works alone next: the innocent is done, the guilty fails as quarantined", () => {
  const fleet = new Fleet();
  fleet.team({ poison: [], b: [], later: ["poison"], c: [] }, { desired: 2 });
  dieTogether(fleet, ["poison", "b"]);
  equal(hostOf(fleet, "poison"), shared, "one death may be chance");
  dieTogether(fleet, ["poison", "b"]);
  fleet.startAll();
  const hosts = ["poison", "b", "c"].map((key) => hostOf(fleet, key));
  equal(new Set([...hosts, shared]).size, 3, "two alone, and c in the shared host");

  fleet.start("b");
  fleet.finish("b");
  equal(fleet.task("b").isolated, undefined);
  for (let deaths = 0; deaths < fleet.options.maxDeathsAlone; deaths++) {
    fleet.start("poison");
    fleet.killHost(hostOf(fleet, "poison"));
    fleet.startAll();
  }
  deepEqual(
    ["poison", "b", "later", "c"].map((key) => fleet.task(key).state),
    ["failed", "done", "skipped", "running"],
  );
  equal(fleet.task("poison").failure?.reason, "quarantined");
  match(
    fleet.task("poison").failure?.detail ?? "",
    /^5 agent hosts died while they worked on it, 3 of them on nothing/,
  );
  fleet.finish("c");
  equal(fleet.state.teams.get("t1")?.state, "failed");
});

test("a task that is alone in its host anyway is found guilty after three deaths, and not before", () => {
  const fleet = new Fleet();
  fleet.team({ poison: [] }, { desired: 1 });
  dieTogether(fleet, ["poison"]);
  dieTogether(fleet, ["poison"]);
  fleet.start("poison");
  equal(fleet.task("poison").state, "running");
  fleet.killHost(hostOf(fleet, "poison"));
  equal(fleet.task("poison").failure?.reason, "quarantined");
});

test("a host that outlives the work on a suspect clears it", () => {
  const fleet = new Fleet({ maxFailures: 9, retryDelayMs: 0 });
  fleet.team({ a: [], b: [] });
  for (let i = 0; i < 4; i++) {
    dieTogether(fleet, ["a", "b"]);
    for (const key of ["a", "b"]) {
      fleet.start(key);
      fleet.fail(key);
    }
  }
  equal(fleet.task("a").isolated, undefined);
  equal(fleet.task("a").losses, 0);
});

test("work that was cut short by its deadline clears nobody: it might have killed its host a moment later", () => {
  const fleet = new Fleet({ maxFailures: 9, retryDelayMs: 0 });
  fleet.team({ poison: [], b: [] });
  for (let i = 0; i < 2; i++) {
    dieTogether(fleet, ["poison", "b"]);
    fleet.start("poison");
    fleet.fail("poison", "timeout");
  }
  equal(fleet.task("poison").isolated, true);
});

test("a death that is told twice counts once, and so does one of which each agent is told again", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  fleet.start("a");
  fleet.start("b");
  const agents = [...fleet.state.agents.keys()];
  const attempts = ["t1/a/1", "t1/b/1"];
  const report = { type: "hostLost", host: shared, agents, attempts, reason: "died" } as const;
  fleet.report(report);
  deepEqual(fleet.report(report), []);
  deepEqual(fleet.task("a").deaths, { hosts: 1, alone: 0 });
});

test("who was only about to be worked on is no suspect", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  dieTogether(fleet, ["a"]);
  equal(fleet.task("b").deaths, undefined);
  deepEqual(fleet.task("a").deaths, { hosts: 1, alone: 1 });
});

test("a person may try a quarantined task again: alone from the start, with a clean count", () => {
  const fleet = new Fleet({ maxDeathsAlone: 1 });
  fleet.team({ poison: [], b: [] });
  dieTogether(fleet, ["poison", "b"]);
  dieTogether(fleet, ["poison", "b"]);
  fleet.startAll();
  fleet.start("poison");
  fleet.killHost(hostOf(fleet, "poison"));
  equal(fleet.task("poison").state, "failed");
  fleet.run({ type: "retryTask", task: "t1/poison" });
  fleet.startAll();
  equal(hostOf(fleet, "poison") === shared, false);
  equal(fleet.task("poison").deaths, undefined);
  fleet.finish("poison");
  equal(fleet.task("poison").state, "done");
});

test("however many are suspects, no more than a few work alone at once, besides the agents that were asked for", () => {
  const fleet = new Fleet({ maxAgentsAlone: 3 });
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
  fleet.team(Object.fromEntries(keys.map((key) => [key, []])), { desired: 20, max: 20 });
  dieTogether(fleet, keys);
  dieTogether(fleet, keys);
  fleet.startAll();
  const index = fleet.state.index.teams.get("t1");
  equal(index?.alone.size, 3);
  equal(index?.live.size, 23);
  for (let done = 0; done < 20; done++) {
    const key = keys.find((name) => fleet.task(name).state === "running") ?? "";
    fleet.start(key);
    fleet.finish(key);
  }
  equal(fleet.state.teams.get("t1")?.state, "done");
});

test("a suspect is given up when no agent starts that would work on it alone", () => {
  const fleet = new Fleet({ maxStartFailures: 1 });
  fleet.team({ a: [], b: [], c: [] }, { desired: 3 });
  dieTogether(fleet, ["a", "b"]);
  for (const key of ["a", "b"]) fleet.start(key);
  fleet.killHost(shared);
  for (const { id, alone, state } of [...fleet.state.agents.values()]) {
    if (alone && state === "starting") fleet.report({ type: "agentStopped", agent: id, reason: "no", failed: true });
  }
  deepEqual(
    ["a", "b"].map((key) => fleet.task(key).failure?.reason),
    ["no-agents", "no-agents"],
  );
});

test("when hosts die one after another though nothing is worked on, agents are replaced ever more slowly", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: ["a"] }, { desired: 2 });
  fleet.run({ type: "cancelTask", task: "t1/a" });
  fleet.run({ type: "retryTask", task: "t1/a" });
  for (let died = 0; died < 10; died++) {
    fleet.killHost(shared);
    fleet.startAll();
  }
  const live = () => fleet.state.index.teams.get("t1")?.live.size;
  equal(live(), 2, "ten deaths may be chance");
  fleet.killHost(shared);
  equal(live(), 0);
  fleet.at = nextWake(fleet.state, fleet.at) ?? 0;
  equal(fleet.at, 11_000, "one more in ten seconds");
  fleet.run({ type: "wake" });
  equal(live(), 2);
});
