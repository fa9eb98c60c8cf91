import { deepEqual, equal, match, throws } from "node:assert/strict";
import { test } from "node:test";
import { checkPlan } from "../model/plan.ts";
import { noUsage } from "../model/usage.ts";
import { Fleet, planOf, teamSpec } from "./fleet.testing.ts";

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

test("any report of an attempt may be repeated at any later time", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: ["a"] });
  const attempt = fleet.attempt("a").id;
  const reports = [
    { type: "attemptStarted", attempt, sessionId: "s", transcript: null },
    { type: "attemptVerifying", attempt },
    { type: "attemptVerified", attempt, commit: "c" },
    { type: "attemptMerged", attempt, commit: "m" },
  ] as const;
  for (const [i, report] of reports.entries()) {
    fleet.report(report);
    for (const earlier of reports.slice(0, i + 1)) deepEqual(fleet.report(earlier), []);
  }
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
