/** The page applies events to what it read: it must come to what the engine would tell it anew. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { agentViews, taskSummary } from "../../src/api/views.ts";
import type { AgentView, TaskSummary, TeamStatus } from "../../src/api/wire.ts";
import { Fleet } from "../../src/engine/fleet.testing.ts";
import { noUsage } from "../../src/model/usage.ts";
import {
  applyEvent,
  applyFrame,
  emptyTeam,
  fill,
  type Happened,
  maxNews,
  note,
  type TeamState,
  together,
  type WireEvent,
} from "../../web/src/live/team-state.ts";
import { criticalPath } from "../../web/src/parts/critical-path.ts";
import { hangingOn } from "../../web/src/parts/hanging.ts";

function read(fleet: Fleet): TeamState {
  const { state } = fleet;
  const agents = agentViews(state, [...state.agents.values()], { activities: new Map(), parkedOf: () => [] });
  const team = emptyTeam();
  const tasks = [...state.tasks.values()].map((task) => taskSummary(state, task));
  fill(team, agents, tasks);
  return team;
}

/** What events move, costs too: nothing of it is read anew. */
function moving(team: TeamState) {
  const agents = [...team.agents.values()].map(({ id, state, attempt, task, costUsd }: AgentView) => {
    return [id, state, attempt, task, costUsd];
  });
  const tasks = [...team.tasks.values()].map((task: TaskSummary) => {
    const { id, state, agent, attempts, commit, costUsd, attemptCostUsd } = task;
    return [id, state, agent, attempts, commit, costUsd, attemptCostUsd];
  });
  return { agents, tasks };
}

test("events applied to what was read give what the engine tells, at every step of a team's life", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: ["a"], c: [], d: [] });
  const team = read(fleet);
  const worker = () => [...fleet.state.agents.values()].find(({ attempt }) => attempt !== null)?.id ?? "";
  const steps: (() => unknown)[] = [
    () => fleet.start("a"),
    () => fleet.report({ type: "attemptSpent", attempt: fleet.attempt("a").id, usage: { ...noUsage, costUsd: 0.25 } }),
    () => fleet.report({ type: "attemptSpent", attempt: fleet.attempt("a").id, usage: { ...noUsage, costUsd: 0.75 } }),
    () => fleet.report({ type: "attemptVerifying", attempt: fleet.attempt("a").id }),
    () => fleet.report({ type: "attemptVerified", attempt: fleet.attempt("a").id, commit: "1".repeat(40) }),
    () => fleet.report({ type: "attemptMerged", attempt: fleet.attempt("a").id, commit: "2".repeat(40) }),
    () => fleet.fail("c"),
    () => {
      fleet.at += 120_000;
      return fleet.run({ type: "wake" });
    },
    () => fleet.run({ type: "pauseAgent", agent: worker() }),
    () => fleet.run({ type: "resumeAgent", agent: worker() }),
    () => fleet.run({ type: "killAgent", agent: worker() }),
    () => fleet.run({ type: "scaleTeam", team: "t1", desired: 6 }),
    () => fleet.run({ type: "cancelTask", task: "t1/d" }),
    () => fleet.run({ type: "killTeam", team: "t1" }),
  ];
  for (const [i, step] of steps.entries()) {
    const from = fleet.events.length;
    step();
    const events = fleet.events.slice(from);
    const known = events.map((event) => applyEvent(team, event as WireEvent)).every(Boolean);
    if (!known) Object.assign(team, read(fleet));
    deepEqual(moving(team), moving(read(fleet)), `step ${i}: ${events.map(({ type }) => type).join(", ")}`);
    // What came while it was read is applied once more.
    for (const event of events) applyEvent(team, event as WireEvent);
    deepEqual(moving(team), moving(read(fleet)), `step ${i}, again`);
  }
});

test("what an agent does is as the last status said that named it", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  const team = read(fleet);
  const [one = "", two = ""] = team.agents.keys();
  const hear = (...activities: { agent: string; text: string }[]) => {
    const status = {} as TeamStatus;
    equal(applyFrame(team, { type: "status", seq: "1", status, activities, slowest: [] }), true);
    return [one, two].map((agent) => team.agents.get(agent)?.activity);
  };
  deepEqual(hear({ agent: one, text: "reads" }, { agent: two, text: "writes" }), ["reads", "writes"]);
  deepEqual(hear({ agent: one, text: "" }, { agent: "nobody", text: "x" }), ["", "writes"]);
  equal(applyFrame(team, { type: "gap", seq: "2" }), false);
});

test("of a task that waits it is told where one has to look, and of any what it holds up", () => {
  const task = (key: string, needs: string[], state = "blocked") => ({ key, needs, state }) as TaskSummary;
  const tasks = [
    task("a", [], "done"),
    task("b", ["a"], "running"),
    task("c", ["b", "a"]),
    task("d", ["c"]),
    task("e", ["c"], "cancelled"),
    task("f", [], "queued"),
  ];
  const { blockers, roots, waiting } = hangingOn(tasks, "d");
  deepEqual([[...blockers].sort(), roots.map(({ key }) => key), waiting.size], [["b", "c"], ["b"], 0]);
  deepEqual([...hangingOn(tasks, "b").waiting].sort(), ["c", "d"]);
  deepEqual([...hangingOn(tasks, "b").related].sort(), ["a", "c", "d", "e"]);
  equal(hangingOn(tasks, "f").blockers.size, 0);
});

test("the critical path is the longest chain of what is open", () => {
  const task = (key: string, needs: string[], state = "blocked") => ({ key, needs, state }) as TaskSummary;
  const path = criticalPath([
    task("a", [], "done"),
    task("b", ["a"]),
    task("c", ["b"]),
    task("d", ["c"]),
    task("e", ["a"]),
  ]);
  deepEqual([...path].sort(), ["b", "c", "d"]);
  equal(criticalPath([task("a", [], "done")]).size, 0);
});

test("events that were looked up and events that came meanwhile are told once each, the newest first", () => {
  const happened = (...seqs: string[]) => seqs.map((seq) => ({ seq, event: { type: "taskQueued", at: Number(seq) } }));
  const team = emptyTeam();
  for (const each of happened("7", "8", "9")) note(team, each);
  deepEqual(
    together(team.news, happened("8", "7", "6", "5")).map(({ seq }) => seq),
    ["9", "8", "7", "6", "5"],
  );
  for (let i = 10; i < 10 + maxNews; i++) note(team, happened(String(i))[0] as Happened);
  equal(together(team.news, happened("1")).length, maxNews);
});
