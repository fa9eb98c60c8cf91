import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { demoPlan } from "../../scripts/demo-plan.ts";
import { makeRepository } from "../../scripts/demo-repository.ts";
import { Stage, shellPlan } from "../stage.testing.ts";

test("each task is one commit on the team's branch, and the user's checkout, index and branches stay as they are", async (context) => {
  const stage = new Stage(context);
  writeFileSync(join(stage.repo, "README.md"), "my own unfinished change\n");
  writeFileSync(join(stage.repo, "new.txt"), "not added\n");
  const before = [
    stage.git("status", "--porcelain"),
    stage.git("rev-parse", "HEAD"),
    stage.git("branch", "--show-current"),
  ];
  await stage.up();
  const { team } = await stage.spawn({ name: "one", plan: shellPlan(6), count: 3, runtime: "command" });
  equal((await stage.ended(team.id)).team.state, "done");
  deepEqual(stage.git("log", "--format=%s", "main..godel/one").split("\n").toSorted(), [
    "t0",
    "t1",
    "t2",
    "t3",
    "t4",
    "t5",
  ]);
  deepEqual(
    [stage.git("status", "--porcelain"), stage.git("rev-parse", "HEAD"), stage.git("branch", "--show-current")],
    before,
  );
  deepEqual(stage.git("branch", "--format=%(refname:short)").split("\n"), ["godel/one", "main"]);
  equal(readFileSync(join(stage.repo, "README.md"), "utf8"), "my own unfinished change\n");
  await stage.down();
});

test("a failed gate is a failed attempt: its output and its commit are kept, and the next attempt is told", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const prompt = 'if [ -n "$GODEL_FEEDBACK" ]; then echo good > f; else echo bad > f; fi';
  const plan = { tasks: [{ id: "a", prompt, gates: ["grep good f || { echo f is not good; exit 7; }"] }] };
  const { team } = await stage.spawn({ name: "g", plan, runtime: "command" });
  await stage.ended(team.id);
  const [first, second] = (await stage.task("a")).attemptList;
  deepEqual([first?.state, second?.state], ["rejected", "accepted"]);
  match(first?.failure?.detail ?? "", /exited with 7:[\s\S]*f is not good/);
  equal(stage.git("show", `${first?.ref}:f`), "bad");
  equal(stage.git("show", "godel/g:f"), "good");
});

test("a task that its agent splits is done by its parts, and then once more for what is left", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const parts = '{"tasks":[{"id":"x","prompt":"echo x > x"},{"id":"y","prompt":"cat x > y","needs":["x"]}]}';
  const prompt = `if [ -n "$GODEL_PARTS" ]; then cat x y > all; else echo half > half; echo '${parts}' > godel-split.yaml; fi`;
  const plan = {
    tasks: [
      { id: "big", prompt },
      { id: "after", prompt: "cp all copy", needs: ["big"] },
    ],
  };
  const { team } = await stage.spawn({ name: "s", plan, count: 2, runtime: "command" });
  equal((await stage.ended(team.id)).team.state, "done");
  deepEqual(stage.git("log", "--reverse", "--format=%s", "main..godel/s").split("\n"), ["x", "y", "big", "after"]);
  equal(stage.git("show", "godel/s:copy"), "x\nx");
  const [first] = (await stage.task("big")).attemptList;
  deepEqual([first?.state, stage.git("show", `${first?.ref}:half`)], ["cancelled", "half"]);
  await stage.down();
});

test("a goal over files is split without a plan, and real agents do it; what was expected is kept beside what came", async (context) => {
  const stage = new Stage(context);
  for (const name of ["a", "b", "c", "d", "e", "f"])
    writeFileSync(join(stage.repo, `${name}.js`), "module.exports = () => {\n  var x = 1;\n  return x;\n};\n");
  stage.git("add", "--all");
  stage.git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "--message=modules");
  await stage.up();
  const goal = { task: "Replace var by const", files: ["*.js"], count: 2, model: "demo" };
  const first = await stage.spawn({ name: "f1", ...goal });
  const status = await stage.ended(first.team.id);
  deepEqual([status.team.state, status.tasks.done, status.timing.expectedMs], ["done", 6, null]);
  match(stage.git("show", "godel/f1:c.js"), /const x = 1;/);

  const second = await stage.spawn({ name: "f2", ...goal });
  const { low = 0, high = 0 } = (await stage.ended(second.team.id)).timing.expectedMs ?? {};
  ok(0 < low && low <= high, "it learnt from the first team");
});

test("a team's gate that fails before any work is an alert, for it says nothing of an agent", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const plan = { tasks: [{ id: "slow", prompt: "sleep 300; echo x > x" }] };
  const gates = ["test -f README.md", "test -f made-later"];
  const { team } = await stage.spawn({ name: "red", plan, gates, count: 1, runtime: "command" });
  const { alerts } = await stage.watch(team.id, (status) => status.alerts.length > 0);
  deepEqual(alerts, [
    "the gate `test -f made-later` failed before any work was done: its failing says nothing of an agent",
  ]);
  await stage.down();
});

test("an attempt that changed nothing has failed, unless nothing had to change", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const plan = {
    tasks: [
      { id: "must", prompt: "true" },
      { id: "may", prompt: "true", diff: "optional" },
      { id: "after", prompt: "echo x > x", needs: ["must"] },
    ],
  };
  const { team } = await stage.spawn({ plan, runtime: "command" });
  const status = await stage.ended(team.id);
  deepEqual([status.team.state, status.tasks.done, status.tasks.failed, status.tasks.skipped], ["failed", 1, 1, 1]);
  equal((await stage.task("must")).failure?.reason, "no-diff");
  const { because } = await stage.get<{ because: string }>("/api/v1/tasks/after/why");
  match(because, /^it needs must, which failed: /);
});

test("work that clashes with what was merged meanwhile goes back with both sides explained, and is done again on top", async (context) => {
  const stage = new Stage(context, { f: "base\n" });
  await stage.up();
  // Both read `base` before either has merged, since each waits until the other has started.
  const edit = (own: string, other: string) =>
    `touch "${join(stage.dir, own)}"; [ -n "$GODEL_FEEDBACK" ] || until [ -e "${join(stage.dir, other)}" ]; do sleep 0.02; done; echo "$(cat f) ${own}" > f`;
  const plan = {
    tasks: [
      { id: "a", prompt: edit("a", "b") },
      { id: "b", prompt: edit("b", "a") },
    ],
  };
  const { team } = await stage.spawn({ name: "c", plan, count: 2, runtime: "command" });
  equal((await stage.ended(team.id)).team.state, "done");
  const attempts = [...(await stage.task("a")).attemptList, ...(await stage.task("b")).attemptList];
  const clash = attempts.find(({ failure }) => failure?.reason === "conflict");
  match(clash?.failure?.detail ?? "", /f/);
  match(stage.git("show", "godel/c:f"), /^base (a b|b a)$/);
});

test("a spent budget stops new requests, fails the tasks with their work kept, and ends the team", async (context) => {
  const stage = new Stage(context);
  const repo = join(stage.dir, "demo");
  const plan = demoPlan(repo, makeRepository(repo), 12);
  await stage.up();
  const { team } = await stage.spawn({ repo, plan, count: 2, model: "demo", budgetUsd: 0.008 });
  const status = await stage.ended(team.id);
  deepEqual([status.team.state, status.team.reason], ["failed", "budget exhausted"]);
  ok(status.cost.spentUsd > 0.002 && status.cost.spentUsd <= 0.008, `${status.cost.spentUsd} USD spent`);
  const reasons = new Set((await stage.tasks()).filter(({ state }) => state === "failed").map(({ reason }) => reason));
  deepEqual(reasons, new Set(["budget"]));
});

test("a task can be cancelled, retried and asked why; a team can be paused, scaled, resumed and killed", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const plan = {
    tasks: [
      { id: "long", prompt: "sleep 60; echo x > x" },
      { id: "next", prompt: "echo y > y", needs: ["long"] },
      { id: "free", prompt: "echo z > z" },
    ],
  };
  const { team } = await stage.spawn({ plan, count: 2, runtime: "command" });
  await stage.watch(team.id, ({ tasks }) => tasks.done === 1 && tasks.running === 1);
  match((await stage.get<{ because: string }>("/api/v1/tasks/next/why")).because, /waits for 1 of its 1 needs/);
  await stage.post(`/api/v1/teams/${team.id}/pause`);
  const scaled = await stage.post<{ agents: { desired: number } }>(`/api/v1/teams/${team.id}/scale`, { count: 4 });
  equal(scaled.agents.desired, 4);
  await stage.post(`/api/v1/teams/${team.id}/resume`);
  await stage.watch(team.id, ({ agents }) => agents.total === 4 && agents.starting === 0);
  await stage.post("/api/v1/tasks/long/cancel");
  equal((await stage.task("next")).state, "skipped");
  await stage.ended(team.id);
  await stage.post("/api/v1/tasks/long/retry");
  await stage.watch(team.id, ({ tasks }) => tasks.running === 1);
  equal((await stage.task("next")).state, "blocked");
  await stage.post(`/api/v1/teams/${team.id}/kill`);
  equal((await stage.status(team.id)).team.state, "killed");
  await stage.watch(team.id, ({ agents }) => agents.total === 0);
  await stage.until("no command is left", () => stage.commands().length === 0);
});

test("what can't be is refused before anything is recorded, and says what to do", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const plan = shellPlan(1);
  const refused: [Partial<Parameters<Stage["spawn"]>[0]>, string, RegExp][] = [
    [{ plan, repo: stage.dir, runtime: "command" }, "REPO_INVALID", /./],
    [{ plan, model: "demo", count: 0 }, "REQUEST_INVALID", /count/],
    [{ plan, model: "demo", count: 1e9 }, "REQUEST_INVALID", /count/],
    [{ plan }, "MODEL_UNKNOWN", /no model/],
    [{ plan, model: "nobody/nothing" }, "MODEL_UNKNOWN", /nothing/],
    [{ plan, model: "anthropic/claude-sonnet-4-5" }, "MODEL_KEY_MISSING", /ANTHROPIC_API_KEY/],
    [{ plan, runtime: "cobol" }, "RUNTIME_UNKNOWN", /cobol/],
    [
      {
        plan: {
          tasks: [
            { id: "a", prompt: "x", needs: ["b"] },
            { id: "b", prompt: "x", needs: ["a"] },
          ],
        },
        runtime: "command",
      },
      "PLAN_INVALID",
      /a needs b needs a/,
    ],
    [
      {
        plan: {
          tasks: [
            { id: "a", prompt: "x" },
            { id: "a", prompt: "y" },
          ],
        },
        runtime: "command",
      },
      "PLAN_INVALID",
      /"a"/,
    ],
    [
      { plan: { tasks: [{ id: "alpha", prompt: "x", needs: ["alhpa"] }] }, runtime: "command" },
      "PLAN_INVALID",
      /Did you mean "alpha"/,
    ],
    [{ plan: { tasks: [{ id: "a", prompt: "x", skills: ["sql"] }] }, runtime: "command" }, "SKILL_MISSING", /sql/],
    [{ runtime: "command" }, "REQUEST_INVALID", /plan or a task/],
  ];
  for (const [request, code, message] of refused) await rejects(stage.spawn(request), { code, message });
  deepEqual((await stage.get<{ items: unknown[] }>("/api/v1/teams")).items, []);
  equal(stage.git("branch", "--format=%(refname:short)"), "main");
});

test("a second team of the same name is refused, and so is a branch that is there already", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const { team } = await stage.spawn({ name: "same", plan: shellPlan(1), runtime: "command" });
  await stage.ended(team.id);
  await rejects(stage.spawn({ name: "same", plan: shellPlan(1), runtime: "command" }), /same/);
  stage.git("branch", "godel/mine");
  await rejects(stage.spawn({ name: "mine", plan: shellPlan(1), runtime: "command" }), { code: "BRANCH_EXISTS" });
});

test("a goal without a plan is planned by the model, through the gateway, and its cost counts", async (context) => {
  const stage = new Stage(context);
  const repo = join(stage.dir, "demo");
  makeRepository(repo);
  await stage.up();
  const { team } = await stage.spawn({ repo, task: "Use const and let", count: 4, model: "demo" });
  equal(team.state, "planning");
  const status = await stage.ended(team.id);
  equal(status.team.state, "done", status.team.reason);
  equal(status.tasks.total >= 4, true);
});

test("agents are real: each names its host and its session, and its transcript is on disk", async (context) => {
  const stage = new Stage(context);
  const repo = join(stage.dir, "demo");
  const plan = demoPlan(repo, makeRepository(repo), 3);
  await stage.up();
  const { team } = await stage.spawn({ repo, plan, count: 3, model: "demo" });
  await stage.ended(team.id);
  for (const agent of await stage.agents()) {
    equal(agent.runtime, "pi");
    match(agent.sessionId ?? "", /^[0-9a-f-]{36}$/);
    equal(Number.isInteger(agent.hostPid), true);
  }
  for (const task of await stage.tasks()) {
    const [attempt] = (await stage.task(task.id)).attemptList;
    match(readFileSync(attempt?.transcript ?? "", "utf8"), /"toolName":"write"/);
  }
  const [agent] = await stage.agents();
  const { lines } = await stage.get<{ lines: string[] }>(`/api/v1/agents/${agent?.id}/logs`);
  match(lines.join("\n"), /assistant: → read/);
});
