import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "../lib/properties.testing.ts";
import { type Doing, ToldActivities } from "./told-activities.ts";

/** One who watches: what it was told, put together. */
class Watcher {
  readonly doing = new Map<string, string>();
  #version = 0;

  hear(told: ToldActivities): void {
    for (const { agent, text } of told.since(this.#version)) {
      if (text === "") this.doing.delete(agent);
      else this.doing.set(agent, text);
    }
    this.#version = told.version;
  }
}

const agents = ["a1", "a2", "a3"];
const step = fc.oneof(
  fc.record({ agent: fc.constantFrom(...agents), text: fc.constantFrom("", "reads", "writes"), attempt: fc.nat(2) }),
  fc.constantFrom("round" as const, "newcomer" as const),
);

test("whoever hears only what changed knows what all do after each status, whenever they came", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const told = new ToldActivities();
      const watchers: Watcher[] = [];
      const now = new Map<string, Doing>();
      const truth = () => new Map([...now].map(([agent, { text }]) => [agent, text]));
      for (const each of steps) {
        if (each === "newcomer") {
          const watcher = new Watcher();
          watchers.push(watcher);
          told.note([...now.values()]);
          watcher.hear(told);
          deepEqual(watcher.doing, truth());
        } else if (each === "round") {
          told.note([...now.values()]);
          for (const watcher of watchers) watcher.hear(told);
          told.forget();
          for (const watcher of watchers) deepEqual(watcher.doing, truth());
        } else if (each.text === "") now.delete(each.agent);
        else now.set(each.agent, { ...each, attempt: `t/${each.attempt}` });
      }
    }),
  );
});

test("what has not changed is not told again, and the same words for another attempt are", () => {
  const told = new ToldActivities();
  const reads: Doing = { agent: "a1", attempt: "t1/x/1", text: "reads" };
  told.note([reads, { ...reads, agent: "a2" }]);
  const first = told.version;
  told.note([reads, { ...reads, agent: "a2" }]);
  deepEqual(told.since(first), []);
  told.note([reads, { ...reads, agent: "a2", attempt: "t1/x/2" }]);
  deepEqual(told.since(first), [{ agent: "a2", text: "reads" }]);
  told.note([]);
  deepEqual(told.since(first).length, 2);
  deepEqual(told.since(0), []);
});
