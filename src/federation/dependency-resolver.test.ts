import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "../lib/properties.testing.ts";
import { DependencyResolver } from "./dependency-resolver.ts";
import { graphs, pathsTo } from "./resolving/graphs.testing.ts";

const resolver = new DependencyResolver();
const diamond = [
  { id: "a", needs: [] },
  { id: "b", needs: ["a"], weight: 4 },
  { id: "c", needs: ["a"], weight: 2 },
  { id: "d", needs: ["b", "c"] },
];

test("orders each task after all that it needs, and ranks it by the longest way to the end", () => {
  const plan = resolver.resolve([
    { id: "ship", needs: ["test", "docs"] },
    { id: "test", needs: ["build"] },
    { id: "docs", needs: [] },
    { id: "build", needs: [] },
  ]);

  deepEqual(plan.order, ["docs", "build", "test", "ship"]);
  deepEqual(
    ["ship", "test", "docs", "build"].map((id) => plan.rankOf(id)),
    [1, 2, 2, 3],
  );
  deepEqual(plan.levels, [["docs", "build"], ["test"], ["ship"]]);
});

test("names the critical path, and how much the others may be late", () => {
  const plan = resolver.resolve(diamond);
  deepEqual([plan.criticalPath, plan.criticalWork, plan.work], [["a", "b", "d"], 6, 8]);
  deepEqual(
    ["a", "b", "c", "d"].map((id) => plan.slackOf(id)),
    [0, 0, 2, 0],
  );
});

test("says who does what when: with two agents the diamond takes as long as its critical path, with one all its work", () => {
  const plan = resolver.resolve(diamond);
  const two = plan.schedule(2);
  deepEqual([two.makespan, two.lowerBound, two.startOf("c"), two.startOf("d")], [6, 6, 1, 5]);
  ok(two.agentOf("b") !== two.agentOf("c"));
  equal(plan.schedule(1).makespan, 8);
  throws(() => plan.schedule(0), { code: "OPTION_RANGE" });
});

test("a task starts the moment its needs are done, whatever else of its level runs", () => {
  const plan = resolver.resolve([
    { id: "long", needs: [], weight: 9 },
    { id: "short", needs: [] },
    { id: "next", needs: ["short"], weight: 8 },
  ]);
  deepEqual([plan.schedule(2).startOf("next"), plan.schedule(2).makespan], [1, 9]);
});

test("names a cycle as a path, without what merely hangs on it", () => {
  const graph = [
    { id: "start", needs: [] },
    { id: "hanging", needs: ["a"] },
    { id: "a", needs: ["start", "b"] },
    { id: "b", needs: ["c"] },
    { id: "c", needs: ["a"] },
  ];
  throws(() => resolver.resolve(graph), {
    code: "PLAN_INVALID",
    message: "the plan has a cycle: a needs b needs c needs a.",
  });
  throws(() => resolver.resolve([{ id: "a", needs: ["a"] }]), /cycle: a needs a/);
});

test("refuses a need that no task has, an id twice, and work below nothing", () => {
  throws(() => resolver.resolve([{ id: "a", needs: ["ghost"] }]), { code: "PLAN_INVALID", message: /needs "ghost"/ });
  const twice = { id: "a", needs: [] };
  throws(() => resolver.resolve([twice, twice]), { code: "PLAN_INVALID", message: /two tasks "a"/ });
  throws(() => resolver.resolve([{ id: "a", needs: [], weight: -1 }]), { code: "PLAN_INVALID" });
  throws(() => resolver.resolve([]).rankOf("a"), { code: "TASK_NOT_FOUND" });
});

test("resolves nothing to nothing", () => {
  const { order, levels, criticalPath, criticalWork } = resolver.resolve([]);
  deepEqual([order, levels, criticalPath, criticalWork], [[], [], [], 0]);
});

test("a chain of 100,000 tasks and a graph of 300,000 needs do not run out of stack", () => {
  const chain = Array.from({ length: 100_000 }, (_, i) => ({ id: `t${i}`, needs: i === 0 ? [] : [`t${i - 1}`] }));
  equal(resolver.resolve(chain).criticalWork, 100_000);
  const wide = chain.map(({ id }, i) => ({ id, needs: [1, 7, 13].filter((by) => by <= i).map((by) => `t${i - by}`) }));
  const plan = resolver.resolve(wide);
  const skipped = plan.begin().fail("t0", "it broke");
  deepEqual([plan.levels.length, skipped.length], [100_000, 99_999]);
});

test("order, levels, ranks, slack and critical path are what they are called, of any graph", () => {
  fc.assert(
    fc.property(graphs(30), (tasks) => {
      const plan = resolver.resolve(tasks);
      const place = new Map(plan.order.map((id, i) => [id, i]));
      const level = new Map(plan.levels.flatMap((ids, i) => ids.map((id) => [id, i] as const)));
      const pathTo = pathsTo(tasks);
      deepEqual([place.size, level.size], [tasks.length, tasks.length]);
      for (const { id, needs, weight = 1 } of tasks) {
        for (const need of needs) ok((place.get(need) ?? 0) < (place.get(id) ?? 0), `${need} before ${id}`);
        equal(level.get(id), Math.max(-1, ...needs.map((need) => level.get(need) ?? 0)) + 1);
        equal(plan.slackOf(id), plan.criticalWork - ((pathTo.get(id) ?? 0) - weight + plan.rankOf(id)));
      }
      const work = plan.criticalPath.map((id) => tasks.find((task) => task.id === id)?.weight ?? 1);
      equal(plan.criticalWork, Math.max(...pathTo.values()));
      equal(
        work.reduce((sum, weight) => sum + weight, 0),
        plan.criticalWork,
      );
    }),
  );
});

test("a schedule keeps every need and every agent's hands to one task, and lasts at most 2 - 1/m times the bound", () => {
  fc.assert(
    fc.property(graphs(30), fc.integer({ min: 1, max: 6 }), (tasks, agents) => {
      const { makespan, lowerBound, startOf, agentOf } = resolver.resolve(tasks).schedule(agents);
      const endOf = (id: string) => startOf(id) + (tasks.find((task) => task.id === id)?.weight ?? 0);
      for (const { id, needs } of tasks) for (const need of needs) ok(endOf(need) <= startOf(id));
      for (const { id } of tasks) {
        const sameHands = tasks.filter((other) => agentOf(other.id) === agentOf(id) && other.id !== id);
        ok(sameHands.every((other) => endOf(other.id) <= startOf(id) || endOf(id) <= startOf(other.id)));
        ok(agentOf(id) < agents && endOf(id) <= makespan);
      }
      ok(makespan >= lowerBound - 1e-9 && makespan <= lowerBound * (2 - 1 / agents) + 1e-9, `${makespan}`);
    }),
  );
});
