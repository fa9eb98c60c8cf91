import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { checkPlan, type PlanTask } from "../model/plan.ts";
import { Fleet } from "./fleet.testing.ts";
import { ordersFor } from "./orders.ts";

type Part = Partial<PlanTask> & { id: string };

const parts: Part[] = [{ id: "one" }, { id: "two", needs: ["one"] }, { id: "side" }];

function split(fleet: Fleet, key: string, tasks: Part[] = parts) {
  fleet.start(key);
  const plan = checkPlan({ tasks: tasks.map((task) => ({ prompt: `do ${task.id}`, ...task })) });
  return fleet.report({ type: "attemptSplit", attempt: fleet.attempt(key).id, parts: plan, commit: "kept" });
}

const statesOf = (fleet: Fleet, ...keys: string[]) => keys.map((key) => fleet.task(key).state);

test("a task that its agent splits waits for its parts, runs once more, and only then frees what needs it", () => {
  const fleet = new Fleet();
  fleet.team({ big: [], later: ["big"] }, { desired: 3 });
  split(fleet, "big");
  deepEqual(statesOf(fleet, "big", "big-one", "big-two", "big-side", "later"), [
    "blocked",
    "running",
    "blocked",
    "running",
    "blocked",
  ]);
  equal(fleet.task("big").failures, 0, "a split is no failure");
  equal([...fleet.state.attempts.values()][0]?.commit, "kept");

  fleet.finish("big-side");
  fleet.finish("big-one");
  equal(fleet.task("big").state, "blocked");
  const events = fleet.finish("big-two");
  equal(fleet.task("big").state, "running");
  const orders = ordersFor(fleet.state, events, fleet.options).get("n1") ?? [];
  const brief = orders.find((order) => order.type === "startAttempt")?.attempt;
  deepEqual([brief?.key, brief?.diff, brief?.parts], ["big", "optional", ["one", "two", "side"]]);
  fleet.finish("big");
  deepEqual(statesOf(fleet, "big", "later"), ["done", "running"]);
});

test("a part that fails skips the task, and all that hangs on it", () => {
  const fleet = new Fleet({ maxFailures: 1 });
  fleet.team({ big: [], later: ["big"] });
  split(fleet, "big", [{ id: "one" }]);
  const failure = { reason: "gate", detail: "no" } as const;
  fleet.report({ type: "attemptFailed", attempt: fleet.attempt("big-one").id, failure, commit: null });
  deepEqual(statesOf(fleet, "big-one", "big", "later"), ["failed", "skipped", "skipped"]);
});

test("splits go as deep as the bound says, and no deeper; the agent is told why", () => {
  const fleet = new Fleet({ maxSplitDepth: 1 });
  fleet.team({ big: [] });
  split(fleet, "big", [{ id: "one" }]);
  split(fleet, "big-one", [{ id: "deeper" }]);
  equal(fleet.task("big-one").state, "queued");
  equal(fleet.task("big-one").failures, 1);
  match(fleet.task("big-one").feedback, /^split-refused: a task may be split 1 deep, and this one is$/);
});

test("parts that no plan could hold are refused: circles, skills, repeated ids, too many", () => {
  const refused: [Part[], RegExp][] = [
    [
      [
        { id: "a", needs: ["b"] },
        { id: "b", needs: ["a"] },
      ],
      /cycle: a needs b needs a/,
    ],
    [[{ id: "a", skills: ["sql"] }], /part "a" needs the skill "sql", which no agent of the team has/],
    [Array.from({ length: 21 }, (_, i) => ({ id: `p${i}` })), /21 parts; at most 20 are allowed/],
    [[{ id: "x".repeat(62) }], /is too long for a part of big/],
  ];
  for (const [tasks, why] of refused) {
    const fleet = new Fleet();
    fleet.team({ big: [] });
    split(fleet, "big", tasks);
    match(fleet.task("big").failure?.detail ?? "", why);
    equal(fleet.state.tasks.size, 1);
  }
});

test("what is left of the task's budget moves to the parts by their weight; the task keeps a fifth", () => {
  const fleet = new Fleet();
  fleet.team({ big: [] });
  fleet.task("big").budgetUsd = 1;
  split(fleet, "big", [
    { id: "one", weight: 3 },
    { id: "two", weight: 1 },
  ]);
  deepEqual(
    ["big-one", "big-two"].map((key) => fleet.task(key).budgetUsd),
    [0.6, 0.2],
  );
  equal(Math.round((fleet.task("big").budgetUsd ?? 0) * 100), 20);
});

test("a repeated or late report of a split changes nothing", () => {
  const fleet = new Fleet();
  fleet.team({ big: [] });
  fleet.start("big");
  const report = {
    type: "attemptSplit",
    attempt: fleet.attempt("big").id,
    parts: checkPlan({ tasks: [{ id: "a", prompt: "p" }] }),
    commit: null,
  } as const;
  fleet.report(report);
  deepEqual(fleet.report(report), []);
});
