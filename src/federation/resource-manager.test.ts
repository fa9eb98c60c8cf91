import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "../lib/properties.testing.ts";
import { type HostResources, ResourceManager, type ResourceOptions } from "./resource-manager.ts";

const gigabyte = 1e9;
const host: HostResources = { freeMemory: 4 * gigabyte, freeDisk: 50 * gigabyte, freeFiles: 10_000, load: 1, cores: 2 };
const round: Partial<ResourceOptions> = { memoryPerAgent: gigabyte, keepMemory: gigabyte };

function refusal(options: Partial<ResourceOptions>, at: Partial<HostResources>): string {
  const admission = new ResourceManager(options).admit("a1", "t1", { ...host, ...at });
  return admission.admitted ? "" : `${admission.resource}: ${admission.reason}`;
}

test("admits as many as the measured memory holds, and no whole burst on one measurement", () => {
  const manager = new ResourceManager(round);
  const admitted = ["a1", "a2", "a3", "a4"].map((agent) => manager.admit(agent, "t1", host).admitted);
  deepEqual(admitted, [true, true, true, false]);
});

test("an agent that has settled is counted by the measurement alone", () => {
  const manager = new ResourceManager(round);
  for (const agent of ["a1", "a2", "a3"]) manager.admit(agent, "t1", host);
  manager.settled("a1");
  equal(manager.room("t1", { ...host, freeMemory: 3.5 * gigabyte }).agents, 0);
  equal(manager.room("t1", host).agents, 1);
});

test("what was released twice is free once, and who asks twice takes one share", () => {
  const manager = new ResourceManager(round);
  for (const agent of ["a1", "a1", "a2", "a3"]) equal(manager.admit(agent, "t1", host).admitted, true);
  manager.release("a1");
  manager.release("a1");
  equal(manager.room("t1", host).agents, 1);
});

test("says what is short, with the figures", () => {
  match(
    refusal({}, { freeMemory: gigabyte / 2 }),
    /^memory: 500 MB of memory are free; an agent takes 268 MB and 537 MB/,
  );
  match(refusal({}, { freeDisk: gigabyte }), /^disk: 1000 MB of disk are free/);
  match(refusal({}, { freeFiles: 63 }), /^files: 63 file descriptors are free; an agent takes 64/);
  match(refusal({}, { load: 8 }), /^load: the load is 8 on 2 cores; agents start below 4 a core/);
  match(refusal({ maxAgentsPerTeam: 0 }, {}), /^team-quota: team t1 has its 0 agents/);
  equal(refusal({}, { load: 7.9 }), "");
});

test("what cannot be measured limits nothing", () => {
  const blind = { freeMemory: null, freeDisk: null, freeFiles: null, load: null, cores: 1 };
  const { agents, limitedBy } = new ResourceManager().room("t1", blind);
  deepEqual([agents, limitedBy], [Number.POSITIVE_INFINITY, null]);
});

test("refuses an option that it does not know, and one that is out of range", () => {
  throws(() => new ResourceManager({ memoryPerAgents: 1 } as object), {
    code: "OPTION_UNKNOWN",
    message: /memoryPerAgent/,
  });
  throws(() => new ResourceManager({ memoryPerAgent: 0 }), { code: "OPTION_RANGE" });
});

test("under any order of admit, settle and release: never over the quota of a team, nor over what was measured", () => {
  const step = fc.record({ agent: fc.nat(9), kind: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.nat(6), (steps, fit) => {
      const manager = new ResourceManager({ ...round, maxAgentsPerTeam: 4 });
      const measured = { ...host, freeMemory: (1 + fit) * gigabyte };
      const [there, starting] = [new Set<string>(), new Set<string>()];
      for (const { agent, kind } of steps) {
        const id = `a${agent}`;
        if (kind <= 1 && !there.has(id) && manager.admit(id, "t1", measured).admitted) {
          there.add(id);
          starting.add(id);
        }
        if (kind === 2) manager.settled(id);
        if (kind === 3) manager.release(id);
        if (kind >= 2) starting.delete(id);
        if (kind === 3) there.delete(id);
        ok(there.size <= 4 && starting.size <= fit);
      }
    }),
  );
});
