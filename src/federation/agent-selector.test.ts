import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import fc from "../lib/properties.testing.ts";
import { seededRandom } from "../lib/random.ts";
import { AgentSelector } from "./agent-selector.ts";
import type { SelectorOptions } from "./selecting/options.ts";
import type { AgentProfile } from "./selecting/profile.ts";
import type { SelectionRequest } from "./selecting/request.ts";

const record = (passed: number, failed: number, usd = 0) => ({ passed, failed, work: 1, ms: 0, usd, at: 0 });

function selectorOf(agents: AgentProfile[], options: Partial<SelectorOptions> = {}, clock = new ManualClock()) {
  const selector = new AgentSelector(options, { clock, random: seededRandom(1) });
  for (const agent of agents) selector.setAgent(agent);
  return selector;
}

test("takes an agent that has every required skill, at its level", () => {
  const selector = selectorOf([
    { id: "a1", skills: ["sql"] },
    { id: "a2", skills: { sql: 0.4, testing: 0.9 } },
    { id: "a3", skills: ["testing", "sql"] },
  ]);
  equal(selector.choose({ requiredSkills: ["testing", { skill: "sql", level: 0.5 }] }, 0).agent?.id, "a3");
  equal(selector.choose({ requiredSkills: ["sql"] }, 0).agent?.id, "a1");
});

test("says for each group of agents why they are out, also when nobody fits", () => {
  const selector = selectorOf([
    { id: "a1", skills: ["sql"] },
    { id: "a2", skills: { rust: 0.5 } },
    { id: "a3", skills: ["rust"], state: "paused" },
    { id: "a4", skills: ["rust"], runtime: "pi", held: "its breaker is open" },
    { id: "a5", skills: ["rust"], runtime: "command" },
    { id: "a6", skills: ["rust"], runtime: "pi", tier: "small" },
    { id: "a7", skills: ["rust"], runtime: "pi", capacity: 0 },
  ]);
  const rust = { requiredSkills: [{ skill: "rust", level: 0.8 }], runtime: "pi", tiers: ["", "large"] };
  deepEqual(selector.choose(rust, 0), {
    agent: null,
    rejected: [
      { why: "lacks rust", agents: 1 },
      { why: "at work", agents: 1 },
      { why: "its breaker is open", agents: 1 },
      { why: "has rust below 0.8", agents: 1 },
      { why: "does not run pi", agents: 2 },
      { why: "is of another tier than , large", agents: 1 },
    ],
  });
});

test("a pick reserves at once, and a second release gives nothing back", () => {
  const selector = selectorOf([{ id: "a1" }, { id: "a2", capacity: 2 }]);
  const picks = [1, 2, 3, 4].map(() => selector.selectAgent({}));
  deepEqual(picks.map(({ agent }) => agent?.id).toSorted(), ["a1", "a2", "a2", undefined]);
  picks[0]?.release();
  picks[0]?.release();
  ok(selector.selectAgent({}).agent);
  equal(selector.selectAgent({}).agent, null);
});

test("money: nobody is chosen who costs more than is left, and the cheaper one where it has to be", () => {
  const selector = selectorOf([
    { id: "good", costUsd: 2, record: record(90, 0) },
    { id: "cheap", costUsd: 0.5, record: record(0, 9) },
    { id: "broke", costUsd: 0.1, quotaUsd: 0.05, record: record(90, 0) },
  ]);
  equal(selector.choose({ budgetUsd: 3 }, 0).agent?.id, "good");
  const choice = selector.choose({ budgetUsd: 1.5, work: 2 }, 0);
  deepEqual([choice.agent?.id, choice.rejected], ["cheap", [{ why: "costs more than is left", agents: 2 }]]);
  deepEqual(selector.choose({ budgetUsd: 0.01 }, 0).rejected, [{ why: "costs more than is left", agents: 3 }]);
});

test("who prefers low cost gets the cheap agent, and who prefers high the reliable one", () => {
  const selector = selectorOf([
    { id: "cheap", costUsd: 0.02, record: record(6, 4) },
    { id: "good", costUsd: 4, record: record(60, 0) },
  ]);
  equal(selector.choose({ preferredCost: "low" }, 0).agent?.id, "cheap");
  equal(selector.choose({ preferredCost: "high" }, 0).agent?.id, "good");
});

test("the score is the weighted sum of the terms it shows", () => {
  const agents = [{ id: "a", skills: { x: 0.5, y: 1 }, costUsd: 1, taskMs: 600_000, record: record(7, 2) }];
  const choice = selectorOf(agents).choose({ requiredSkills: ["x"] }, 0);
  ok(choice.agent);
  const { skill, load, cost, speed, reliability } = choice.terms;
  const sum = 0.2 * skill + 0.15 * load + 0.2 * cost + 0.15 * speed + 0.3 * reliability;
  ok(Math.abs(choice.score - sum / 1.6) < 1e-12);
  deepEqual([choice.among, load, choice.rejected], [1, 1, []]);
});

test("outcomes teach, and are forgotten by half in a half-life", () => {
  const clock = new ManualClock();
  const selector = selectorOf([{ id: "a" }], { halfLifeMs: 60_000 }, clock);
  const reliability = () => {
    const choice = selector.choose({}, clock.wall());
    return choice.agent ? choice.terms.reliability : 0;
  };
  const fresh = reliability();
  for (let i = 0; i < 8; i++) selector.selectAgent({}).release({ passed: true, ms: 1_000, usd: 0.1 });
  const proven = reliability();
  ok(proven > 0.7 && fresh < 0.2);
  clock.pass(60_000);
  ok(reliability() < proven && reliability() > fresh);
  selector.selectAgent({}).release({ passed: null });
  ok(selector.agent("a")?.record?.passed === 4);
});

test("a session meets the agent that knows it, unless that is full", () => {
  const selector = selectorOf([{ id: "a1", record: record(9, 0) }, { id: "a2" }]);
  selector.selectAgent({ session: "s" }).release();
  selector.setAgent({ id: "a2", record: record(99, 0) });
  equal(selector.selectAgent({ session: "s" }).agent?.id, "a1");
  equal(selector.selectAgent({ session: "s" }).agent?.id, "a2");
});

test("two tasks that claim the same files are not given out side by side, and folders that are known are preferred", () => {
  const selector = selectorOf([{ id: "a1" }, { id: "a2" }, { id: "a3" }]);
  const first = selector.selectAgent({ files: ["src/db/**"] });
  deepEqual(selector.selectAgent({ files: ["src/db/x.ts"] }).rejected, [
    { why: "another task works on src/db/**", agents: 3 },
  ]);
  ok(selector.selectAgent({ files: ["src/api/**"] }).agent);
  first.release();
  equal(selector.selectAgent({ files: ["src/db/x.ts"] }).agent?.id, first.agent?.id);
});

test("among equals the one that has been free for longest is next, and newcomers come in an order drawn by the seed", () => {
  const order = (seed: number) => {
    const selector = new AgentSelector({}, { clock: new ManualClock(), random: seededRandom(seed) });
    for (const id of ["a", "b", "c", "d"]) selector.setAgent({ id });
    return [1, 2, 3, 4, 5, 6, 7, 8].map(() => {
      const { agent, release } = selector.selectAgent({});
      release();
      return agent?.id ?? "";
    });
  };
  const once = order(1);
  deepEqual([new Set(once.slice(0, 4)).size, once.slice(4)], [4, once.slice(0, 4)]);
  deepEqual(order(1), once);
  ok([2, 3, 4, 5].some((seed) => order(seed).join() !== once.join()));
});

test("refuses levels, capacities and weights that can't be", () => {
  throws(() => selectorOf([{ id: "a", skills: { x: 2 } }]), { code: "OPTION_RANGE" });
  throws(() => selectorOf([{ id: "a", capacity: -1 }]), { code: "OPTION_RANGE" });
  throws(() => selectorOf([], { loadWeight: -1 }), { code: "OPTION_RANGE" });
  throws(() => selectorOf([]).choose({ work: -1 }, 0), { code: "OPTION_RANGE" });
});

const skills = ["x", "y", "z"] as const;
const profiles = fc.array(
  fc.record({
    skills: fc.dictionary(fc.constantFrom(...skills), fc.double({ min: 0, max: 1, noNaN: true })),
    capacity: fc.integer({ min: 0, max: 3 }),
    state: fc.constantFrom("idle", "busy", "paused", "suspect"),
    last: fc.boolean(),
    costUsd: fc.double({ min: 0.001, max: 5, noNaN: true }),
    passed: fc.nat(9),
    failed: fc.nat(9),
  }),
  { minLength: 1, maxLength: 12 },
);
const requests = fc.record({
  requiredSkills: fc.subarray([...skills], { maxLength: 2 }),
  preferredCost: fc.constantFrom("low", "medium", "high"),
  budgetUsd: fc.constantFrom(Number.POSITIVE_INFINITY, 2, 0.5),
  session: fc.constantFrom(undefined, "s1", "s2"),
  work: fc.constantFrom(1, 3),
});
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("pick" as const), request: requests }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant("release" as const), which: fc.nat(20), passed: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), which: fc.nat(11) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("pause" as const), which: fc.nat(11) }) },
  ),
  { maxLength: 60 },
);

test("whatever is picked, released, paused and lost: no agent over its capacity, no reason uncounted, and never a better one passed over", () => {
  fc.assert(
    fc.property(profiles, steps, (made, moves) => {
      const clock = new ManualClock();
      const selector = selectorOf([], { halfLifeMs: 60_000 }, clock);
      for (const [i, { passed, failed, ...rest }] of made.entries()) {
        selector.setAgent({ ...rest, id: `a${i}`, record: record(passed, failed) });
      }
      const active = new Map<string, number>();
      const held: { id: string; release(outcome?: { passed: boolean }): void }[] = [];
      for (const move of moves) {
        clock.pass(500);
        if (move.do === "pick") pick(move.request);
        else if (move.do === "release") release(move.which, move.passed);
        else if (move.do === "remove") remove(`a${move.which}`);
        else pause(`a${move.which}`);
      }

      function pick(request: SelectionRequest): void {
        const { agent, rejected, release, ...choice } = selector.selectAgent(request);
        const out = rejected.reduce((sum, { agents }) => sum + agents, 0);
        equal(out + ("among" in choice ? choice.among : 0), selector.size);
        const able = ids().filter((id) => couldDo(id, request));
        equal(agent === null, able.length === 0, `${able} for ${JSON.stringify(request)}`);
        if (!agent) return;
        ok(able.includes(agent.id));
        // Cold ones come first, and of hot ones the least crowded.
        const cold = coldest();
        const heat = (id: string) => (heatOf(id) <= cold ? 0 : heatOf(id));
        ok(
          able.every((id) => heat(id) >= heat(agent.id)),
          `${agent.id} is hotter than another`,
        );
        active.set(agent.id, (active.get(agent.id) ?? 0) + 1);
        ok((active.get(agent.id) ?? 0) <= (agent.capacity ?? 1), "over its capacity");
        held.push({ id: agent.id, release });
      }

      function couldDo(id: string, { requiredSkills = [], budgetUsd = 1e9, work = 1 }: SelectionRequest): boolean {
        const { skills: levels = {}, state, capacity = 1, costUsd = 0, record } = selector.agent(id) ?? { id };
        const has = (skill: unknown) => ((levels as Record<string, number>)[String(skill)] ?? 0) > 0;
        const usd = record && record.usd > 0 ? record.usd / record.work : costUsd;
        const takes = (state === "idle" || state === "busy") && (active.get(id) ?? 0) < capacity;
        return takes && requiredSkills.every(has) && usd * work <= budgetUsd;
      }

      function coldest(): number {
        const loads = ids()
          .map((id) => active.get(id) ?? 0)
          .sort((a, b) => a - b);
        return loads.find((load, i) => i + 1 >= 0.84 * loads.length || load === 7) ?? 7;
      }

      function heatOf(id: string): number {
        return selector.agent(id)?.last ? 8 : (active.get(id) ?? 0);
      }

      function release(which: number, passed: boolean): void {
        const [one] = held.splice(which % Math.max(1, held.length), 1);
        if (!one) return;
        one.release({ passed });
        one.release({ passed });
        if (selector.agent(one.id)) active.set(one.id, (active.get(one.id) ?? 0) - 1);
      }

      function remove(id: string): void {
        selector.removeAgent(id);
        active.delete(id);
        for (const each of held.filter((one) => one.id === id)) held.splice(held.indexOf(each), 1);
      }

      function pause(id: string): void {
        const agent = selector.agent(id);
        if (agent) selector.setAgent({ ...agent, state: agent.state === "paused" ? "idle" : "paused" });
      }

      function ids(): string[] {
        return made.map((_, i) => `a${i}`).filter((id) => selector.agent(id));
      }
    }),
  );
});

test("kept in order over many changes, the choice is the one that a selector made anew would make", () => {
  fc.assert(
    fc.property(
      profiles,
      fc.array(fc.tuple(fc.nat(11), fc.nat(9), fc.nat(9)), { maxLength: 30 }),
      requests,
      (made, changes, asked) => {
        const request = { ...asked, session: undefined };
        const agents = made.map(({ passed, failed, ...rest }, i) => ({
          ...rest,
          id: `a${i}`,
          record: record(passed, failed),
        }));
        const kept = selectorOf(agents);
        for (const [which, passed, failed] of changes) {
          const agent = agents[which % agents.length];
          if (!agent) continue;
          agent.record = record(passed, failed);
          kept.setAgent({ ...agent });
          kept.choose(request, 0);
        }
        const [one, other] = [kept.choose(request, 0), selectorOf(agents).choose(request, 0)];
        equal("score" in one ? one.score : -1, "score" in other ? other.score : -1);
        const count = ({ rejected }: typeof one) => rejected.map(({ why, agents }) => `${agents} ${why}`).toSorted();
        deepEqual(count(one), count(other));
      },
    ),
  );
});
