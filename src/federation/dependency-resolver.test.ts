import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { DependencyResolver } from "./dependency-resolver.ts";

const resolver = new DependencyResolver();

test("orders each task after all that it needs, and ranks it by the longest way to the end", () => {
  const { order, rank, criticalPath } = resolver.resolve([
    { id: "ship", needs: ["test", "docs"] },
    { id: "test", needs: ["build"] },
    { id: "docs", needs: [] },
    { id: "build", needs: [] },
  ]);

  deepEqual(order, ["docs", "build", "test", "ship"]);
  deepEqual(Object.fromEntries(rank), { ship: 1, test: 2, docs: 2, build: 3 });
  equal(criticalPath, 3);
});

test("counts weights on the critical path", () => {
  const { criticalPath } = resolver.resolve([
    { id: "a", needs: [], weight: 5 },
    { id: "b", needs: ["a"], weight: 2 },
    { id: "c", needs: [], weight: 6 },
  ]);
  equal(criticalPath, 7);
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
});

test("names a task that needs itself", () => {
  throws(() => resolver.resolve([{ id: "a", needs: ["a"] }]), /cycle: a needs a/);
});

test("refuses a need that no task has", () => {
  throws(() => resolver.resolve([{ id: "a", needs: ["ghost"] }]), { code: "PLAN_INVALID" });
});

test("resolves nothing to nothing", () => {
  deepEqual(resolver.resolve([]), { order: [], rank: new Map(), criticalPath: 0 });
});

test("resolves a chain of 100,000 without running out of stack", () => {
  const chain = Array.from({ length: 100_000 }, (_, i) => ({ id: `t${i}`, needs: i === 0 ? [] : [`t${i - 1}`] }));
  equal(resolver.resolve(chain).criticalPath, 100_000);
});
