import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Claims, claimsOverlap } from "../federation/claims/claims.ts";
import fc from "../lib/properties.testing.ts";
import { newPlanTask } from "../model/plan.ts";
import type { Task } from "../model/records.ts";
import { byUrgency, ReadyQueue } from "./ready-queue.ts";

const spec = fc.record({
  files: fc.subarray(["a/**", "a/1", "b", "**/1"], { maxLength: 2 }),
  skills: fc.subarray(["sql", "css"]),
  rank: fc.integer({ min: 1, max: 3 }),
  priority: fc.nat(2),
});

type Spec = typeof spec extends fc.Arbitrary<infer T> ? T : never;

function taskOf(each: Spec, order: number): Task {
  const task = newPlanTask({ id: `t${order}`, prompt: "work", ...each });
  return { ...task, key: task.id, team: "t", order, state: "blocked", queuedAt: 0 } as unknown as Task;
}

test("whatever is queued, started, cancelled and let go, the best tasks are those that a look at all of them finds", () => {
  const step = fc.record({ nth: fc.nat(30), start: fc.boolean() });
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 15 }), fc.array(step, { maxLength: 60 }), (specs, steps) => {
      const claims = new Claims();
      const ready = new ReadyQueue(claims);
      const tasks = specs.map(taskOf);
      for (const { nth, start } of steps) {
        const task = tasks[nth % tasks.length];
        if (task?.state === "queued") {
          // The queue's own choice, if it has one.
          const next = start ? (ready.best()[0] ?? task) : task;
          const mayStart = start && !claims.conflict(next.files);
          next.state = mayStart ? "running" : "cancelled";
          ready.left(next);
          if (mayStart) claims.hold(next.id, next.files);
        } else if (task) {
          const held = task.state === "running";
          task.state = "queued";
          task.queuedAt += 1;
          ready.push(task);
          if (held && claims.release(task.id)) ready.released(task.id);
        }
        deepEqual(ready.best(), slowly(tasks));
      }
      for (const task of tasks) if (task.state === "queued") task.state = "cancelled";
      for (const task of tasks) ready.left(task);
      equal(ready.queuedBehind, 0);
    }),
  );
});

function slowly(tasks: readonly Task[]): Task[] {
  const running = tasks.filter(({ state }) => state === "running");
  const may = tasks.filter(
    ({ state, files }) => state === "queued" && !running.some((other) => claimsOverlap(files, other.files)),
  );
  const best = new Map<string, Task>();
  for (const task of may.toSorted(byUrgency)) {
    const skills = task.skills.toSorted().join(" ");
    if (!best.has(skills)) best.set(skills, task);
  }
  return [...best.values()].sort(byUrgency);
}
