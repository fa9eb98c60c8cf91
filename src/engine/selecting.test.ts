import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { unmeasured } from "../model/resources.testing.ts";
import { Fleet } from "./fleet.testing.ts";
import { rejectionsOf } from "./selecting.ts";
import { loadSnapshot, snapshotNow } from "./snapshot.ts";
import { teamIndex } from "./state.ts";

const gb = 1e9;

function disk(fleet: Fleet, free: number): void {
  fleet.run({ type: "measureNode", node: "n1", resources: { ...unmeasured, disk: { free, total: 100 * gb } } });
}

/** Tasks of which the first fails at a1 again and again, so that its record is the worst. */
function fleetWithARecord(): Fleet {
  const fleet = new Fleet({ retryDelayMs: 600_000, maxFailures: 9 });
  fleet.team({ a: [], b: [], c: ["b"], d: ["b"] }, { desired: 2 });
  fleet.fail("a");
  return fleet;
}

test("of the agents that are free the one with the better record gets the task", () => {
  const fleet = fleetWithARecord();
  const { agent } = fleet.attempt("b");
  fleet.finish("b");
  equal(fleet.attempt("c").agent, agent);
  const { choice } = fleet.attempt("c");
  ok((choice?.terms.reliability ?? 0) > 0.13 && choice?.among === 2);
});

test("an agent that works alone is not among those that are chosen from, also once its node took no work for a while", () => {
  const fleet = new Fleet({ maxHostDeaths: 1 });
  fleet.team({ poison: [], other: [], c: [], d: [] }, { desired: 2 });
  fleet.start("poison");
  fleet.killHost(70);
  fleet.startAll();
  disk(fleet, 0.5 * gb);
  fleet.finish("c");
  equal(fleet.task("d").state, "queued");
  disk(fleet, 50 * gb);
  const told = fleet.events.flatMap((event) => (event.type === "attemptLeased" && event.choice ? [event.choice] : []));
  const last = told.at(-1);
  const counted = (last?.among ?? 0) + (last?.rejected ?? []).reduce((sum, { agents }) => sum + agents, 0);
  equal(counted, [...fleet.state.agents.values()].filter(({ alone, endedAt }) => !alone && endedAt === null).length);
});

test("a restart changes neither who is out nor who is next", async () => {
  const fleet = fleetWithARecord();
  const again = new Fleet(fleet.options);
  const chunks = snapshotNow(fleet.state);
  const state = await loadSnapshot(
    (async function* () {
      yield* chunks;
    })(),
  );
  Object.assign(again, { state, at: fleet.at });
  for (const each of [fleet, again]) each.finish("b");
  deepEqual(again.attempt("c"), fleet.attempt("c"));
  const out = ({ state }: Fleet) => rejectionsOf(state, teamIndex(state, "t1"), fleet.task("d"));
  deepEqual(out(again), out(fleet));
});
