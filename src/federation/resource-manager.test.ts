import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "../lib/properties.testing.ts";
import { halfFree } from "../model/resources.testing.ts";
import type { NodeResources } from "../model/resources.ts";
import { evenShare } from "../model/share.ts";
import { ResourceManager } from "./resource-manager.ts";
import type { ResourceOptions } from "./resources/options.ts";

const memory = (free: number): NodeResources => ({ ...halfFree, memory: { free, total: 16e9 } });
const round: Partial<ResourceOptions> = { memoryPerAttempt: 1e9, keepMemory: 500e6, settleMs: 1_000 };

/** A manager of which team `t` wants any number. */
function managerOf(options: Partial<ResourceOptions> = {}): ResourceManager {
  const manager = new ResourceManager(options);
  manager.claim({ team: "t", wants: 1_000, ...evenShare });
  return manager;
}

function refusal(manager: ResourceManager, team = "t"): string {
  const admission = manager.reserve("new", team, 0);
  return admission.admitted ? "" : `${admission.limit}: ${admission.reason}`;
}

test("no burst is let in on one measurement, and what has started a while ago is counted by the next alone", () => {
  const manager = managerOf(round);
  manager.measure(memory(3.6e9));
  const admitted = ["a", "b", "c", "d"].map((agent) => manager.reserve(agent, "t", 0).admitted);
  deepEqual(admitted, [true, true, true, false]);
  manager.measure(memory(1.6e9));
  deepEqual([manager.reserve("d", "t", 999).admitted, manager.reserve("d", "t", 1_000).admitted], [false, true]);
});

test("what was released twice is free once, and who asks twice takes one place", () => {
  const manager = managerOf({ maxAgents: 2 });
  for (const agent of ["a", "a", "b"]) equal(manager.reserve(agent, "t", 0).admitted, true);
  manager.release("a");
  manager.release("a");
  deepEqual(
    ["c", "d"].map((agent) => manager.reserve(agent, "t", 0).admitted),
    [true, false],
  );
});

test("says what is short, with the figures", () => {
  const pressed = managerOf();
  pressed.measure(memory(400e6));
  match(refusal(pressed), /^pressure: 400 MB of 16.0 GB of memory are free; new work starts at 1.0 GB/);
  const small = managerOf(round);
  small.measure(memory(1.2e9));
  match(
    refusal(small),
    /^memory: 1200 MB of memory are free, and 1000 MB are set aside for each .*; 0 have just begun/,
  );
  const two = managerOf({ maxAgents: 2, maxAgentsPerTeam: 1 });
  two.claim({ team: "u", wants: 5, ...evenShare });
  two.reserve("a", "t", 0);
  match(refusal(two), /^team-quota: team t has its 1 agents/);
  two.reserve("b", "u", 0);
  match(refusal(two), /^node-quota: the node has its 2 agents/);
  match(refusal(managerOf(), "stranger"), /^share: team stranger has the 0 agents/);
});

test("a team that came first keeps its places, gets no more than it is due, and gives way as it releases them", () => {
  const manager = managerOf({ maxAgents: 4 });
  for (const agent of ["a", "b", "c", "d"]) manager.reserve(agent, "t", 0);
  manager.claim({ team: "u", wants: 4, ...evenShare });
  deepEqual(
    [...manager.shares()],
    [
      ["t", 2],
      ["u", 2],
    ],
  );
  manager.release("a");
  match(refusal(manager), /^share: team t has the 2 agents that it is due beside others/);
  equal(manager.reserve("e", "u", 0).admitted, true);
});

test("what was not measured, or cannot be, limits nothing", () => {
  equal(refusal(managerOf(round)), "");
  const blind = managerOf(round);
  blind.measure({ ...halfFree, memory: null, disk: null });
  equal(refusal(blind), "");
});

test("refuses an option that it does not know, and one that is out of range", () => {
  throws(() => new ResourceManager({ maxAgent: 1 } as object), { code: "OPTION_UNKNOWN", message: /maxAgents/ });
  throws(() => new ResourceManager({ maxAgents: 0 }), { code: "OPTION_RANGE" });
});

const teams = ["t0", "t1", "t2", "t3"];
const step = fc.oneof(
  fc.record({
    claim: fc.nat(3),
    wants: fc.nat(9),
    weight: fc.integer({ min: 1, max: 9 }),
    priority: fc.integer({ min: -1, max: 1 }),
  }),
  fc.record({ reserve: fc.nat(3) }),
  fc.record({ reserve: fc.nat(3) }),
  fc.record({ release: fc.nat(30) }),
  fc.record({ free: fc.integer({ min: 1_000, max: 9_000 }) }),
  fc.record({ pass: fc.nat(2_000) }),
);

test("under any order of claims, reservations, ends and measurements no quota and no memory is reserved twice", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 4, max: 9 }), (steps, maxAgents) => {
      const manager = new ResourceManager({ ...round, maxAgents, maxAgentsPerTeam: 5 });
      const held: { agent: string; since: number }[] = [];
      let at = 0;
      let places = Number.POSITIVE_INFINITY;
      for (const [i, each] of steps.entries()) {
        if ("claim" in each) manager.claim({ ...each, team: teams[each.claim] ?? "" });
        else if ("pass" in each) at += each.pass;
        else if ("free" in each) {
          places = Math.floor((each.free * 1e6 - 500e6) / 1e9);
          manager.measure(memory(each.free * 1e6));
        } else if ("release" in each) {
          manager.release(held.splice(each.release % Math.max(1, held.length), 1)[0]?.agent ?? "");
        } else {
          const team = teams[each.reserve] ?? "";
          const due = manager.shares().get(team) ?? 0;
          if (!manager.reserve(`a${i}`, team, at).admitted) continue;
          held.push({ agent: `a${i}`, since: at });
          ok(manager.held(team) <= Math.min(due, 5));
          ok(held.filter(({ since }) => since > at - 1_000).length <= places);
        }
        ok(manager.held() === held.length && held.length <= maxAgents);
      }
    }),
  );
});

test("no team starves: while places are given back, each that wants one gets it within a round of all", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 4, max: 8 }),
      (weights, maxAgents) => {
        const manager = new ResourceManager({ maxAgents });
        const held: { agent: string; team: string }[] = [];
        let number = 0;
        const fill = () => {
          for (const team of teams.slice(0, weights.length)) {
            while (manager.reserve(`a${number}`, team, 0).admitted) held.push({ agent: `a${number++}`, team });
          }
        };
        manager.claim({ team: "t0", wants: 100, weight: weights[0] ?? 1, priority: 1 });
        fill();
        for (const [i, weight] of weights.entries())
          manager.claim({ team: teams[i] ?? "", wants: 100, weight, priority: i === 0 ? 1 : 0 });
        for (let i = 0; i < maxAgents; i++) {
          manager.release(held.shift()?.agent ?? "");
          fill();
        }
        for (const team of teams.slice(0, weights.length)) ok(manager.held(team) >= 1, `${team} has nothing`);
        equal(manager.held(), maxAgents);
      },
    ),
  );
});
