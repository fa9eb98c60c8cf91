import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "./fleet.testing.ts";

/** A node joins, lives for so long, and dies. */
function live(fleet: Fleet, pid: number, forMs: number, planned = false): void {
  fleet.join([], [], pid);
  fleet.at += forMs;
  fleet.run({ type: "loseNode", node: "n1", pid, reason: "died", planned });
}

const crashes = (fleet: Fleet) => fleet.state.nodes.get("n1")?.crashes;

test("a node that dies soon after each start is counted up; each ten seconds that one lives make good for one", () => {
  const fleet = new Fleet();
  for (let pid = 1; pid <= 4; pid++) live(fleet, pid, 9_999);
  deepEqual(crashes(fleet), { count: 4, lastAt: fleet.at });
  live(fleet, 5, 20_000);
  equal(crashes(fleet)?.count, 3);
  live(fleet, 6, 3_600_000);
  equal(crashes(fleet)?.count, 1);
});

test("a node that was told to go has not crashed, and clears the count", () => {
  const fleet = new Fleet();
  live(fleet, 1, 10);
  live(fleet, 2, 10, true);
  equal(crashes(fleet), undefined);
});
