import { deepEqual, equal, match, throws } from "node:assert/strict";
import { test } from "node:test";
import { checkPlan } from "../model/plan.ts";
import { noUsage } from "../model/usage.ts";
import { Fleet, planOf, teamSpec } from "./fleet.testing.ts";

const types = (events: { type: string }[]) => events.map(({ type }) => type);

test("a task starts the moment its last need is done, and not before", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: ["a", "b"] });
  fleet.finish("a");
  equal(fleet.task("c").state, "blocked");
  fleet.finish("b");
  equal(fleet.task("c").state, "running");
  fleet.finish("c");
  equal(fleet.state.teams.get("t1")?.state, "done");
});

test("the critical path goes first, then priority, then whoever waited longer", () => {
  const fleet = new Fleet();
  fleet.join();
  const plan = checkPlan({
    tasks: [
      { id: "plain", prompt: "x" },
      { id: "urgent", prompt: "x", priority: 5 },
      { id: "head", prompt: "x" },
      { id: "tail", prompt: "x", needs: ["head"] },
    ],
  });
  fleet.run({ type: "createTeam", team: teamSpec({ desired: 1 }), plan });
  fleet.startAll();
  const order: string[] = [];
  for (let i = 0; i < 4; i++) {
    const running = [...fleet.state.tasks.values()].find(({ state }) => state === "running");
    order.push(running?.key ?? "");
    fleet.finish(running?.key ?? "");
  }
  deepEqual(order, ["head", "urgent", "plain", "tail"]);
});

test("an agent gets one attempt at a time, reserved as it is picked", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: [] });
  const agents = ["a", "b"].map((key) => fleet.attempt(key).agent);
  deepEqual(new Set(agents).size, 2);
  equal(fleet.task("c").state, "queued");
});

test("an agent is free for other work while gates and merge of its last one run", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: [] });
  fleet.report({ type: "attemptVerifying", attempt: fleet.attempt("a").id });
  equal(fleet.task("a").state, "verifying");
  equal(fleet.task("c").state, "running");
});

test("a failed attempt comes back after a backoff, and not before, and is told why", () => {
  const fleet = new Fleet({ retryDelayMs: 1_000 });
  fleet.team({ a: [] });
  fleet.fail("a");
  const { notBefore } = fleet.task("a");
  fleet.at = notBefore - 1;
  fleet.run({ type: "wake" });
  equal(fleet.task("a").state, "queued");
  fleet.at = notBefore;
  fleet.run({ type: "wake" });
  equal(fleet.attempt("a").number, 2);
  match(fleet.task("a").feedback, /gate said no/);
});

test("a task fails after its third failed attempt, and all that hangs on it is skipped, never run", () => {
  const fleet = new Fleet({ retryDelayMs: 0 });
  fleet.team({ a: [], b: ["a"], c: ["b"], d: [] });
  fleet.finish("d");
  for (let i = 0; i < 3; i++) fleet.fail("a");
  equal(fleet.task("a").state, "failed");
  equal(fleet.task("c").state, "skipped");
  deepEqual(fleet.task("c").attempts, []);
  equal(fleet.state.teams.get("t1")?.state, "failed");
});

test("a conflict sends the task back at once, without counting as a failure, up to a bound", () => {
  const fleet = new Fleet({ maxConflicts: 3 });
  fleet.team({ a: [] });
  fleet.fail("a", "conflict");
  equal(fleet.attempt("a").number, 2);
  equal(fleet.task("a").failures, 0);
  fleet.fail("a", "conflict");
  fleet.fail("a", "conflict");
  equal(fleet.task("a").state, "failed");
});

test("the late outcome of a superseded attempt changes nothing", () => {
  const fleet = new Fleet({ retryDelayMs: 0 });
  fleet.team({ a: [] });
  const first = fleet.attempt("a").id;
  fleet.fail("a");
  deepEqual(fleet.report({ type: "attemptVerified", attempt: first, commit: "late" }), []);
  deepEqual(fleet.report({ type: "attemptMerged", attempt: first, commit: "late" }), []);
  equal(fleet.task("a").state, "running");
});

test("a report that comes twice changes nothing the second time", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  const attempt = fleet.attempt("a").id;
  const usage = { ...noUsage, requests: 1, costUsd: 0.5 };
  fleet.report({ type: "attemptSpent", attempt, usage });
  deepEqual(fleet.report({ type: "attemptSpent", attempt, usage }), []);
  fleet.finish("a");
  deepEqual(fleet.report({ type: "attemptMerged", attempt, commit: "m-a" }), []);
  equal(fleet.state.teams.get("t1")?.usage.costUsd, 0.5);
});

test("money spent by an attempt that was given up still counts", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] });
  const attempt = fleet.attempt("a").id;
  fleet.run({ type: "cancelTask", task: "t1/a" });
  fleet.report({ type: "attemptSpent", attempt, usage: { ...noUsage, requests: 2, costUsd: 0.25 } });
  equal(fleet.state.teams.get("t1")?.usage.costUsd, 0.25);
});

test("a spent budget fails what is queued, and the team with it", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: [] }, { budgetUsd: 1 });
  const usage = { ...noUsage, requests: 1, costUsd: 1 };
  fleet.report({ type: "attemptSpent", attempt: fleet.attempt("a").id, usage });
  equal(fleet.task("c").failure?.reason, "budget");
  fleet.fail("a", "budget");
  fleet.finish("b");
  const team = fleet.state.teams.get("t1");
  deepEqual([team?.state, team?.reason], ["failed", "budget exhausted"]);
});

test("a lost agent is replaced, and its task goes to another", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  const { agent } = fleet.attempt("a");
  const events = fleet.report({ type: "agentLost", agent, reason: "its host died (SIGKILL)" });
  equal(types(events).includes("agentRequested"), true);
  equal(fleet.task("a").state, "queued");
  fleet.startAll();
  equal(fleet.attempt("a").number, 2);
  equal(fleet.task("a").losses, 1);
});

test("a task that loses every host is given up before it kills more", () => {
  const fleet = new Fleet({ maxLosses: 2 });
  fleet.team({ poison: [], b: [] });
  for (let i = 0; i < 2; i++) {
    fleet.report({ type: "agentLost", agent: fleet.attempt("poison").agent, reason: "host died" });
    fleet.startAll();
  }
  equal(fleet.task("poison").state, "failed");
});

test("scaling down drains the idle first and lets the busy finish", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] }, { desired: 4 });
  fleet.run({ type: "scaleTeam", team: "t1", desired: 1 });
  const states = [...fleet.state.agents.values()].map(({ state }) => state);
  deepEqual(states.toSorted(), ["busy", "draining", "draining", "draining"]);
  equal(fleet.task("a").state, "running");
  equal(fleet.task("b").state, "running");
  fleet.finish("a");
  fleet.finish("b");
  equal(fleet.state.teams.get("t1")?.state, "done");
});

test("scaling up starts only the missing", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] });
  const events = fleet.run({ type: "scaleTeam", team: "t1", desired: 5 });
  equal(types(events).filter((type) => type === "agentRequested").length, 3);
  deepEqual(fleet.run({ type: "wake" }), []);
});

test("pausing holds all agents and leases nothing; resuming goes on", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: [] });
  fleet.run({ type: "pauseTeam", team: "t1" });
  const attempt = fleet.attempt("a").id;
  fleet.report({ type: "attemptVerifying", attempt });
  equal(fleet.task("c").state, "queued");
  fleet.run({ type: "resumeTeam", team: "t1" });
  equal(fleet.task("c").state, "running");
});

test("killing a team cancels what is open, lets a merge finish, and stops the agents", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: ["a"] });
  const attempt = fleet.attempt("a").id;
  fleet.report({ type: "attemptVerified", attempt, commit: "c" });
  fleet.run({ type: "killTeam", team: "t1" });
  deepEqual(
    ["a", "b", "c"].map((key) => fleet.task(key).state),
    ["merging", "cancelled", "cancelled"],
  );
  fleet.report({ type: "attemptMerged", attempt, commit: "m" });
  equal(fleet.task("a").state, "done");
  equal(
    [...fleet.state.agents.values()].every(({ state }) => state === "draining"),
    true,
  );
});

test("killing an agent sends its task back and starts another agent", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] }, { desired: 1 });
  const { agent } = fleet.attempt("a");
  fleet.run({ type: "killAgent", agent });
  equal(fleet.state.agents.get(agent)?.state, "draining");
  fleet.startAll();
  equal(fleet.attempt("a").number, 2);
});

test("a failed task that is retried opens the team and the tasks skipped because of it", () => {
  const fleet = new Fleet({ maxFailures: 1 });
  fleet.team({ a: [], b: ["a"], c: ["b"] });
  fleet.fail("a");
  equal(fleet.state.teams.get("t1")?.state, "failed");
  throws(() => fleet.run({ type: "retryTask", task: "t1/b" }), { code: "TASK_NOT_RETRYABLE" });
  fleet.run({ type: "retryTask", task: "t1/a" });
  fleet.startAll();
  for (const key of ["a", "b", "c"]) fleet.finish(key);
  equal(fleet.state.teams.get("t1")?.state, "done");
});

test("cancelling a task skips what needs it, and refuses one that is being merged", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: ["a"], c: [] });
  fleet.report({ type: "attemptVerified", attempt: fleet.attempt("c").id, commit: "c" });
  throws(() => fleet.run({ type: "cancelTask", task: "t1/c" }), { code: "TASK_MERGING" });
  fleet.run({ type: "cancelTask", task: "t1/a" });
  equal(fleet.task("b").state, "skipped");
});

test("a restarted node loses its agents and their attempts, but not a merge under way", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  fleet.report({ type: "attemptVerified", attempt: fleet.attempt("a").id, commit: "c" });
  fleet.run({ type: "loseNode", node: "n1", reason: "killed" });
  fleet.join([], [], 8);
  equal(fleet.task("a").state, "merging");
  equal(fleet.task("b").state, "queued");
  fleet.startAll();
  equal(fleet.attempt("b").number, 2);
});

test("a node that comes back with its agents keeps them, and their attempts", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [] });
  const agents = [...fleet.state.agents.keys()];
  const attempts = [...fleet.state.attempts.keys()];
  fleet.run({ type: "suspectNode", node: "n1" });
  deepEqual(types(fleet.join(agents, attempts)), ["nodeJoined"]);
  equal(fleet.attempt("a").number, 1);
});

test("a leased attempt whose order was lost with the engine stays leased for its order to be repeated", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] });
  fleet.join([...fleet.state.agents.keys()], []);
  equal(fleet.attempt("a").number, 1);
  equal(fleet.attempt("a").state, "leased");
});

test("agents that do not start are asked for again with growing pauses, then the team fails and says so", () => {
  const fleet = new Fleet({ maxStartFailures: 3 });
  fleet.join();
  fleet.run({ type: "createTeam", team: teamSpec({ desired: 1 }), plan: planOf({ a: [] }) });
  for (let i = 0; i < 3; i++) {
    const agent = [...fleet.state.agents.values()].find(({ state }) => state === "starting");
    fleet.report({ type: "agentStopped", agent: agent?.id ?? "", reason: "no such binary", failed: true });
    fleet.at += 60_000;
    fleet.run({ type: "wake" });
  }
  const team = fleet.state.teams.get("t1");
  equal(team?.state, "failed");
  match(team?.reason ?? "", /did not start/);
});

test("refuses a second team of the same name on one repository, and a task whose skill no agent has", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] });
  const again = { type: "createTeam", team: teamSpec({ id: "t2" }), plan: planOf({ a: [] }) } as const;
  throws(() => fleet.run(again), { code: "TEAM_EXISTS" });
  const plan = checkPlan({ tasks: [{ id: "a", prompt: "x", skills: ["rust"] }] });
  const unskilled = { type: "createTeam", team: teamSpec({ id: "t3", name: "three" }), plan } as const;
  throws(() => fleet.run(unskilled), { code: "SKILL_MISSING" });
});

test("refuses a plan with a cycle before anything of it is recorded", () => {
  const fleet = new Fleet();
  const command = { type: "createTeam", team: teamSpec(), plan: planOf({ a: ["b"], b: ["a"] }) } as const;
  throws(() => fleet.run(command), { code: "PLAN_INVALID" });
  equal(fleet.state.teams.size, 0);
});

test("gates and merges that lag behind hold the scheduler back", () => {
  const fleet = new Fleet();
  fleet.team(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`t${i}`, []])), { desired: 1 });
  for (let i = 0; i < 16; i++) {
    const running = [...fleet.state.tasks.values()].find(({ state }) => state === "running");
    fleet.report({ type: "attemptVerifying", attempt: fleet.attempt(running?.key ?? "").id });
  }
  const counts = fleet.state.index.teams.get("t1")?.taskCounts;
  deepEqual([counts?.verifying, counts?.running, counts?.queued], [16, 0, 24]);
});
