import { deepEqual, equal, match, throws } from "node:assert/strict";
import { test } from "node:test";
import { noUsage } from "../model/usage.ts";
import { Fleet, planOf, teamSpec } from "./fleet.testing.ts";

const types = (events: { type: string }[]) => events.map(({ type }) => type);

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
  fleet.run({ type: "loseNode", node: "n1", pid: 7, reason: "killed", planned: false });
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
  match(team?.reason ?? "", /do not start/);
  equal(fleet.task("a").failure?.reason, "no-agents");
});

test("of a process that died when another had joined in its place, nothing is lost", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] });
  deepEqual(fleet.run({ type: "loseNode", node: "n1", pid: 8, reason: "its process died", planned: false }), []);
  equal(fleet.state.nodes.get("n1")?.state, "up");
  equal(fleet.task("a").state, "running");
});

test("a node that was told to go leaves no failures behind: not of agents, attempts or tasks", () => {
  const fleet = new Fleet({ maxLosses: 1 });
  fleet.team({ a: [], b: [] });
  fleet.run({ type: "loseNode", node: "n1", pid: 7, reason: "godel was stopped", planned: true });
  equal(fleet.state.index.teams.get("t1")?.failedAgents, 0);
  equal(fleet.task("a").state, "queued");
  fleet.join([], [], 8);
  fleet.startAll();
  equal(fleet.attempt("a").number, 2);
  equal(fleet.task("a").losses, 0);
});

test("agents that were starting when their node was lost are started again, however many they were", () => {
  const fleet = new Fleet({ maxStartFailures: 3 });
  fleet.join();
  fleet.run({ type: "createTeam", team: teamSpec({ desired: 50 }), plan: planOf({ a: [] }) });
  fleet.run({ type: "loseNode", node: "n1", pid: 7, reason: "killed", planned: false });
  equal(fleet.state.teams.get("t1")?.state, "running");
  fleet.join([], [], 8);
  fleet.startAll();
  equal(fleet.state.index.teams.get("t1")?.up, 50);
});

test("money that planning cost is counted even if the team was killed meanwhile", () => {
  const fleet = new Fleet();
  fleet.join();
  fleet.run({ type: "createTeam", team: teamSpec(), plan: null });
  fleet.run({ type: "killTeam", team: "t1" });
  fleet.run({ type: "chargeTeam", team: "t1", usage: { ...noUsage, costUsd: 0.3 } });
  fleet.run({ type: "planTeam", team: "t1", plan: planOf({ a: [] }) });
  equal(fleet.state.teams.get("t1")?.usage.costUsd, 0.3);
  equal(fleet.state.teams.get("t1")?.state, "killed");
});

test("agents that fail to start together, as with the host that they share, are one failure", () => {
  const fleet = new Fleet({ maxStartFailures: 2 });
  fleet.join();
  fleet.run({ type: "createTeam", team: teamSpec({ desired: 20 }), plan: planOf({ a: [] }) });
  for (const { id } of [...fleet.state.agents.values()]) {
    fleet.report({ type: "agentStopped", agent: id, reason: "its host died", failed: true });
  }
  equal(fleet.state.teams.get("t1")?.startFailures, 1);
  fleet.at += 1_000;
  fleet.run({ type: "wake" });
  fleet.startAll();
  equal(fleet.task("a").state, "running");
});

test("an attempt that was with its agent is lost with it, even when a report of it is on its way", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] });
  const { id } = fleet.attempt("a");
  fleet.report({ type: "attemptStarted", attempt: id, sessionId: "s", transcript: null });
  fleet.join([], [id], 8);
  fleet.startAll();
  equal(fleet.attempt("a").number, 2);
});

test("two tasks given up at once skip what hangs on both of them once", () => {
  const fleet = new Fleet({ maxLosses: 1 });
  fleet.team({ a: [], b: [], c: ["a", "b"] });
  fleet.run({ type: "loseNode", node: "n1", pid: 7, reason: "killed", planned: false });
  deepEqual(
    ["a", "b", "c"].map((key) => fleet.task(key).state),
    ["failed", "failed", "skipped"],
  );
});
