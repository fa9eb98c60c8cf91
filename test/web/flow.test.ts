/** What the page works out by itself of how tasks flow, and what each cell of the map tells. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { AgentView, TaskSummary } from "../../src/api/wire.ts";
import { duration } from "../../web/src/format.ts";
import { flowOf } from "../../web/src/live/flow.ts";
import { emptyTeam } from "../../web/src/live/team-state.ts";
import { cellsOf } from "../../web/src/parts/cells.ts";
import { ticksOf } from "../../web/src/parts/ticks.ts";

const at = (seconds: number) => new Date(seconds * 1_000).toISOString();
const task = (given: Partial<TaskSummary>) =>
  ({ queuedAt: null, leasedAt: null, endedAt: null, ...given }) as TaskSummary;

test("tasks wait from their queue to their lease, and one that was queued again waits anew", () => {
  deepEqual(flowOf([], 0), { queued: 0, longestMs: null, typicalMs: null, workMs: null });
  const tasks = [
    task({ state: "blocked" }),
    task({ state: "queued", queuedAt: at(90) }),
    task({ state: "queued", queuedAt: at(95), leasedAt: at(40) }),
    task({ state: "running", queuedAt: at(10), leasedAt: at(12) }),
    task({ state: "running", queuedAt: at(10), leasedAt: at(13) }),
    task({ state: "done", queuedAt: at(10), leasedAt: at(14), endedAt: at(44) }),
  ];
  deepEqual(flowOf(tasks, 100_000), { queued: 2, longestMs: 10_000, typicalMs: 3_000, workMs: 30_000 });
});

test("an axis is read by at most six round times", () => {
  const minute = 60_000;
  deepEqual(ticksOf(1_000, 11_000), [2_000, 4_000, 6_000, 8_000, 10_000]);
  deepEqual(
    ticksOf(0, 20 * minute),
    [0, 5, 10, 15, 20].map((at) => at * minute),
  );
  for (const span of [1, 999, 5_000, 7 * minute, 400 * minute, 40 * 24 * 60 * minute]) {
    const ticks = ticksOf(1_234_567, 1_234_567 + span);
    equal(ticks.length <= 6 && ticks.every((at) => at >= 1_234_567 && at <= 1_234_567 + span), true, `${span}`);
  }
});

test("a cell tells how far its agent is beside what tasks take, and what it spent beside the dearest", () => {
  const team = emptyTeam();
  const agents = [
    { id: "a1", state: "busy", task: "t/one", costUsd: 1 },
    { id: "a2", state: "busy", task: "t/two", costUsd: 4 },
    { id: "a3", state: "idle", task: null, costUsd: 0 },
    { id: "a4", state: "stopped", task: null, costUsd: 9 },
  ] as AgentView[];
  for (const agent of agents) team.agents.set(agent.id, agent);
  team.tasks.set("t/one", task({ leasedAt: at(90) }));
  team.tasks.set("t/two", task({ leasedAt: at(60) }));
  const shown = (by: "state" | "spend", workMs: number | null) =>
    cellsOf(team, { by, workMs, now: 100_000 }).map(({ agent, progress, shade }) => [agent.id, progress, shade]);
  deepEqual(shown("state", 20_000), [
    ["a1", 0.5, null],
    ["a2", 1, null],
    ["a3", null, null],
  ]);
  deepEqual(shown("spend", null), [
    ["a1", 0.25, 0.25],
    ["a2", 1, 1],
    ["a3", null, 0],
  ]);
  equal(cellsOf(emptyTeam(), { by: "spend", workMs: null, now: 0 }).length, 0);
});

test("a duration is told in its two largest units, and never as sixty of the smaller", () => {
  const told = [9_940, 59_700, 89_000, 119_700, 120_000, 5_399_400, 7_199_000, 86_400_000].map((ms) => duration(ms));
  deepEqual(told, ["9.9 s", "60 s", "89 s", "2 min 0 s", "2 min 0 s", "89 min 59 s", "2 h 0 min", "24 h 0 min"]);
});
