import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { Execution } from "./execution.ts";
import type { Dependency } from "./graph.ts";
import { graphs } from "./graphs.testing.ts";

const diamond = [
  { id: "a", needs: [] },
  { id: "b", needs: ["a"], weight: 4 },
  { id: "c", needs: ["a"], weight: 2 },
  { id: "d", needs: ["b", "c"] },
];

test("hands out what has the most work behind it, and says what each end allows", () => {
  const run = new Execution(diamond);
  deepEqual([run.next(), run.next()], ["a", null]);
  deepEqual(run.complete("a"), ["b", "c"]);
  deepEqual([run.next(), run.next(), run.ready], ["b", "c", 0]);
  deepEqual([run.complete("c"), run.complete("b")], [[], ["d"]]);
  equal(run.makespan(2), 1);
});

test("a failed need skips all that hangs on it, and each says by which chain and why", () => {
  const run = new Execution([...diamond, { id: "apart", needs: [] }]);
  run.next();
  run.complete("a");
  deepEqual(run.fail("b", "its gate failed"), [{ id: "d", because: "b" }]);
  equal(run.whySkipped("d"), "it needs b, which failed: its gate failed");
  deepEqual([run.stateOf("c"), run.stateOf("apart"), run.whySkipped("c")], ["ready", "ready", ""]);

  deepEqual(run.add([{ id: "e", needs: ["d"] }]), []);
  equal(run.whySkipped("e"), "it needs d, which needs b, which failed: its gate failed");
});

test("a cancelled task takes with it what needs it, and nothing else", () => {
  const run = new Execution(diamond);
  deepEqual(
    run.cancel("b").map(({ id }) => id),
    ["d"],
  );
  equal(run.whySkipped("d"), "it needs b, which was cancelled: by a person");
});

test("tasks come while it runs: they start when their needs are done, and raise the rank of what they wait for", () => {
  const run = new Execution([
    { id: "x", needs: [], weight: 2 },
    { id: "y", needs: [] },
  ]);
  deepEqual(
    run.add([
      { id: "z", needs: ["y"], weight: 5 },
      { id: "now", needs: [] },
    ]),
    ["now"],
  );
  equal(run.next(), "y");
  deepEqual(run.complete("y"), ["z"]);
  equal(run.next(), "z");
});

test("a task that is split waits for its parts", () => {
  const run = new Execution(diamond);
  run.add([{ id: "part", needs: [] }]);
  run.require("a", ["part"]);
  deepEqual([run.stateOf("a"), run.next(), run.complete("part")], ["blocked", "part", ["a"]]);
});

test("a cycle that is added is named as a path, and nothing has changed", () => {
  const run = new Execution(diamond);
  throws(() => run.require("a", ["d"]), { code: "PLAN_INVALID", message: /a needs d needs b needs a/ });
  throws(
    () =>
      run.add([
        { id: "e", needs: ["d"] },
        { id: "f", needs: ["ghost"] },
      ]),
    { code: "PLAN_INVALID" },
  );
  throws(() => run.stateOf("e"), { code: "TASK_NOT_FOUND" });
  run.add([{ id: "e", needs: ["d"] }]);
  deepEqual(drain(run), ["a", "b", "c", "d", "e"]);
});

test("refuses the end of what has not begun, and a second end", () => {
  const run = new Execution(diamond);
  throws(() => run.complete("b"), { code: "TASK_STATE" });
  run.next();
  throws(() => run.require("a", []), { code: "TASK_STATE" });
  run.complete("a");
  throws(() => run.complete("a"), { code: "TASK_ENDED" });
  throws(() => run.fail("a", ""), { code: "TASK_ENDED" });
});

test("however a run goes, no task starts before its needs are done, none after a need was lost, and all end", () => {
  const ends = fc.array(fc.constantFrom("done", "done", "done", "failed", "cancelled"), {
    minLength: 40,
    maxLength: 40,
  });
  fc.assert(
    fc.property(graphs(20), graphs(10), ends, (first, later, fates) => {
      const all = new Map<string, Dependency>(first.map((task) => [task.id, task]));
      const run = new Execution(first);
      const startedAt = new Map<string, number>();
      fates.forEach((fate, step) => {
        if (step === 5) addLater();
        const id = run.next();
        if (id === null) return;
        startedAt.set(id, step);
        for (const need of all.get(id)?.needs ?? []) equal(run.stateOf(need), "done", `${need} before ${id}`);
        if (fate === "done") run.complete(id);
        else if (fate === "failed") run.fail(id, "it failed");
        else run.cancel(id);
      });
      drain(run);
      for (const { id, needs } of all.values()) {
        const lost = needs.some((need) => run.stateOf(need) !== "done");
        equal(run.stateOf(id) === "skipped", lost, `${id} is ${run.stateOf(id)}`);
        ok(!lost || run.whySkipped(id).startsWith("it needs "));
        ok(["done", "failed", "cancelled", "skipped"].includes(run.stateOf(id)));
      }

      function addLater(): void {
        const more = later.map((task) => ({
          ...task,
          id: `later-${task.id}`,
          needs: [...task.needs.map((need) => `later-${need}`), first[task.needs.length]?.id ?? first[0]?.id ?? ""],
        }));
        for (const task of more) all.set(task.id, task);
        run.add(more);
      }
    }),
  );
});

function drain(run: Execution): string[] {
  const ids: string[] = [];
  for (let id = run.next(); id !== null; id = run.next()) {
    ids.push(id);
    run.complete(id);
  }
  return ids;
}
