import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import type { About } from "../lib/log.ts";
import { logTrouble } from "./trouble-log.ts";

test("attempts and tasks that went wrong are told, and nothing of those that did not", () => {
  const fleet = new Fleet({ maxFailures: 1 });
  fleet.team({ a: [], b: [], c: [] });
  fleet.finish("a");
  fleet.fail("b");
  fleet.run({ type: "cancelTask", task: "t1/c" });
  const told: [string, About | undefined][] = [];
  logTrouble(fleet.events, (line, about) => told.push([line, about]));
  deepEqual(told, [
    ["attempt t1/b/1 is failed: gate", { attempt: "t1/b/1" }],
    ["task t1/b failed: gate", { task: "t1/b" }],
  ]);
});
