import { deepEqual, equal } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { demoPlan } from "../../scripts/demo-plan.ts";
import { makeRepository } from "../../scripts/demo-repository.ts";
import { Stage, shellPlan } from "../stage.testing.ts";

/** A stage whose repository is the demo's, with a plan for real pi agents. */
function demoStage(context: TestContext, tasks: number) {
  const stage = new Stage(context);
  const dir = mkdtempSync(join(tmpdir(), "godel demo "));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  const repo = join(dir, "repo");
  const plan = demoPlan(repo, makeRepository(repo), tasks);
  return { stage, repo, plan };
}

async function allDoneOnce(stage: Stage, repo: string, team: { id: string; branch: string }, tasks: number) {
  const status = await stage.ended(team.id);
  deepEqual([status.team.state, status.tasks.done, status.tasks.failed], ["done", tasks, 0], status.team.reason);
  const subjects = gitLog(repo, team.branch);
  equal(subjects.length, tasks);
  equal(new Set(subjects).size, tasks, "a task was merged twice");
  await stage.down();
  deepEqual(stage.worktrees(), []);
}

function gitLog(repo: string, branch: string): string[] {
  const format = "--format=%(trailers:key=Godel-Task,valueonly,separator=%x2C)";
  return execFileSync("git", ["-C", repo, "log", format, `main..${branch}`], { encoding: "utf8" })
    .trim()
    .split("\n");
}

test("kill -9 of a host: its agents are replaced, and every task ends done exactly once", async (context) => {
  const { stage, repo, plan } = demoStage(context, 40);
  await stage.up();
  const { team } = await stage.spawn({ repo, plan, count: 12, model: "demo" });
  await stage.watch(team.id, ({ tasks }) => tasks.done >= 3);
  const host = (await stage.agents()).find(({ hostPid }) => hostPid !== null)?.hostPid ?? 0;
  process.kill(host, "SIGKILL");
  const after = await stage.watch(team.id, ({ agents }) => agents.lost > 0);
  equal(after.agents.lost > 0, true);
  await allDoneOnce(stage, repo, team, 40);
});

test("kill -9 of the node: the engine starts another, and every task ends done exactly once", async (context) => {
  const { stage, repo, plan } = demoStage(context, 40);
  await stage.up();
  const { team } = await stage.spawn({ repo, plan, count: 12, model: "demo" });
  await stage.watch(team.id, ({ tasks }) => tasks.done >= 3);
  process.kill(stage.engine.nodePid ?? 0, "SIGKILL");
  await allDoneOnce(stage, repo, team, 40);
});

test("kill -9 of the engine: its agents work on, a new engine adopts them, and every task ends done exactly once", async (context) => {
  const { stage, repo, plan } = demoStage(context, 40);
  await stage.up();
  const { team } = await stage.spawn({ repo, plan, count: 12, model: "demo" });
  await stage.watch(team.id, ({ tasks }) => tasks.done >= 3);
  const agents = (await stage.agents()).map(({ id }) => id);
  const { pid, nodePid } = stage.engine;
  process.kill(pid, "SIGKILL");
  await stage.until("the engine is gone", () => !stage.processes().includes(pid));
  const engine = await stage.up();
  equal(engine.nodePid, nodePid, "the node was replaced");
  deepEqual(
    (await stage.agents()).map(({ id }) => id),
    agents,
  );
  await allDoneOnce(stage, repo, team, 40);
});

test("kill -9 of everything at once: `up` brings the team back, and every task ends done exactly once", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const { team } = await stage.spawn({
    plan: shellPlan(30, (key) => `sleep 0.2; echo ${key} > ${key}.txt`),
    count: 6,
    runtime: "command",
  });
  await stage.watch(team.id, ({ tasks }) => tasks.done >= 3);
  stage.killAll();
  await stage.until("all are gone", () => stage.processes().length === 0);
  await stage.up();
  await allDoneOnce(stage, stage.repo, team, 30);
});

test("`down` in mid-run keeps the team, and `up` goes on with it", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const { team } = await stage.spawn({
    plan: shellPlan(20, (key) => `sleep 0.3; echo ${key} > ${key}.txt`),
    count: 4,
    runtime: "command",
  });
  await stage.watch(team.id, ({ tasks }) => tasks.done >= 2);
  await stage.down();
  deepEqual(stage.worktrees(), []);
  await stage.up();
  await allDoneOnce(stage, stage.repo, team, 20);
});
