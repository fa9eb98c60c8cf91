import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "./fleet.testing.ts";
import { fleetPace, teamPace } from "./retry-budget.ts";

const keys = Array.from({ length: 60 }, (_, i) => `k${i}`);

function outage(fleet: Fleet, key: string): void {
  fleet.start(key);
  const failure = { reason: "provider", detail: "503" } as const;
  fleet.report({ type: "attemptFailed", attempt: fleet.attempt(key).id, failure, commit: null });
}

function fleetOf(count: number): Fleet {
  const fleet = new Fleet({ retryDelayMs: 0 });
  fleet.team(Object.fromEntries(keys.map((key) => [key, []])), { desired: count, max: count, min: count });
  return fleet;
}

test("in an outage a team's retries go at once up to a bound, then one by one: the work is not multiplied", () => {
  const fleet = fleetOf(60);
  for (const key of keys) outage(fleet, key);
  const waits = keys.map((key) => Math.max(0, fleet.task(key).notBefore - fleet.at));
  equal(waits.filter((wait) => wait === 0).length, teamPace.burst);
  deepEqual(
    waits.slice(teamPace.burst),
    waits.slice(teamPace.burst).map((_, i) => (i + 1) * teamPace.everyMs),
  );
  ok(Math.max(...waits) <= 5 * 60_000);
});

test("what agents finish pays for retries, so that after the outage they are soon back", () => {
  const fleet = fleetOf(60);
  for (const key of keys.slice(0, 30)) outage(fleet, key);
  for (const key of keys.slice(30, 40)) {
    fleet.start(key);
    fleet.finish(key);
  }
  outage(fleet, "k50");
  equal(fleet.task("k50").notBefore <= fleet.at, true);
});

test("a failure of the work itself costs no retry, and neither does a lost host", () => {
  const fleet = fleetOf(60);
  for (const key of keys.slice(0, 20)) {
    fleet.start(key);
    fleet.fail(key);
  }
  fleet.killHost(70);
  equal(fleet.state.teams.get("t1")?.retriesFullAt, undefined);
  equal(fleet.state.retriesFullAt, 0);
});

test("a fleet of many teams has a bound of its own", () => {
  const fleet = fleetOf(60);
  const at = fleet.at;
  fleet.state.retriesFullAt = at + (fleetPace.burst + 9) * fleetPace.everyMs;
  outage(fleet, "k0");
  equal(fleet.task("k0").notBefore - at, 10 * fleetPace.everyMs);
});
