import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { policyDefaults } from "../federation/policies.ts";
import { resourceDefaults } from "../federation/resources/options.ts";
import fc from "../lib/properties.testing.ts";
import { unmeasured } from "../model/resources.testing.ts";
import type { NodeResources } from "../model/resources.ts";
import { Fleet } from "./fleet.testing.ts";
import { whyFull } from "./rooms.ts";

/** A team of `agents` on a node, an attempt of which has 100 MB set aside for 3 s; 200 MB of memory are kept. */
function fleetOf(agents: number, free: number): Fleet {
  const resources = { ...resourceDefaults, memoryPerAttempt: 100e6, keepMemory: 200e6 };
  const fleet = new Fleet({ policies: { ...policyDefaults, resources } });
  fleet.join();
  measured(fleet, free);
  fleet.team(Object.fromEntries(Array.from({ length: 2 * agents }, (_, i) => [`k${i}`, []])), { desired: agents });
  return fleet;
}

function measured(fleet: Fleet, free: number | null): void {
  const memory: NodeResources["memory"] = free === null ? null : { free, total: 16e9 };
  fleet.run({ type: "measureNode", node: "n1", resources: { ...unmeasured, memory } });
}

function atWork(fleet: Fleet): number {
  return [...fleet.state.agents.values()].filter(({ attempt }) => attempt !== null).length;
}

test("of a burst no more begin on one measurement than its free memory holds, and it is said why", () => {
  const fleet = fleetOf(10, 500e6);
  equal(atWork(fleet), 3);
  const why = "500 MB of memory are free, and 100 MB are set aside for each attempt that begins; 3 have just begun";
  equal(whyFull(fleet.state, ["n1"]), why);
});

test("what has run for a while is in the measurement, and others may begin; not before", () => {
  const fleet = fleetOf(10, 500e6);
  fleet.at += 2_900;
  measured(fleet, 500e6);
  equal(atWork(fleet), 3);
  fleet.at += 200;
  measured(fleet, 400e6);
  equal(atWork(fleet), 5);
});

test("an attempt that ends soon gives back what was set aside for it", () => {
  const fleet = fleetOf(10, 500e6);
  fleet.finish("k0");
  deepEqual([atWork(fleet), fleet.task("k0").state], [3, "done"]);
});

test("what was not measured, or cannot be, limits nothing", () => {
  const fleet = fleetOf(10, 500e6);
  measured(fleet, null);
  equal(atWork(fleet), 10);
});

test("whatever is measured and ends when: what has just begun never takes more than what is free beside what is kept", () => {
  const step = fc.oneof(
    fc.record({ free: fc.integer({ min: 0, max: 2_000 }), after: fc.integer({ min: 0, max: 2_000 }) }),
    fc.record({ end: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const fleet = fleetOf(8, 900e6);
      for (const each of steps) {
        const before = new Set([...fleet.state.attempts.keys()]);
        if ("free" in each) {
          fleet.at += each.after;
          measured(fleet, each.free * 1e6);
        } else {
          const open = [...fleet.state.attempts.values()].filter(({ state }) => state === "leased");
          const key = open[each.end % Math.max(1, open.length)]?.task.split("/")[1];
          if (key !== undefined) fleet.finish(key);
        }
        const { places, begun } = fleet.state.index.rooms.get("n1") ?? { places: 0, begun: new Map() };
        const fresh = [...fleet.state.attempts.keys()].some((id) => !before.has(id));
        if (fresh) ok(begun.size <= places, `${begun.size} have just begun where ${places} have room`);
      }
    }),
    { numRuns: 100 },
  );
});
