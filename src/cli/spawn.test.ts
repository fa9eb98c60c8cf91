import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import type { StreamFrame, TeamStatus } from "../api/wire.ts";
import { finish, godel, newHome, start } from "./command.testing.ts";
import { type FakeEngine, fakeEngine, frameOf, statusOf } from "./fake-engine.testing.ts";

const spawnArgs = ["team", "spawn", "--count", "2", "--task", "Show it"];

test("team spawn tells each stage once, then the summary, and exits with 0", async (t) => {
  const { home, engine } = await accepting(t, statusOf("running", { queued: 2 }, false));
  engine.onStream = (send) => {
    send(frameOf(statusOf("running", { queued: 2 }, false)));
    send(frameOf(statusOf("running", { queued: 2 })));
    send(frameOf(statusOf("running", { running: 2 })));
    send(frameOf(statusOf("done", { done: 2 })));
  };
  const { code, out, err } = await godel(home, ...spawnArgs);

  equal(code, 0);
  match(err, /^Spawning 2 agents… ✓ {2}0\.4 s\nDistributing 2 tasks… ✓ {2}2 running\n/);
  match(out, /✓ demo {2}done/);
  match(out, /2 of 2 done/);
  match(out, /\$0\.25 of \$5\.00, \$0\.13 a task, 1\.2k tokens/);
});

test("a plan that a model wrote is shown before the agents are", async (t) => {
  const { home, engine } = await accepting(t, statusOf("planning", {}, false));
  const list = "GET /api/v1/tasks?team=t1";
  const items = [{ key: "test", needs: ["build"], title: "Test it" }];
  engine.answers.set(list, { status: 200, body: { items } });
  engine.onStream = (send) => {
    engine.onCall = (call) => call === list && send(frameOf(statusOf("done", { done: 2 })));
    send(frameOf(statusOf("planning", {}, false)));
    send(frameOf(statusOf("running", { queued: 2 }, false)));
  };
  const { code, err } = await godel(home, ...spawnArgs);

  equal(code, 0);
  match(err, /^Planning… ✓ {2}2 tasks\n\nTASK {2}NEEDS {2}TITLE\ntest {2}build {2}Test it\n/);
});

test("team spawn sends what the flags ask for", async (t) => {
  const { home, engine } = await accepting(t, statusOf("running", { queued: 2 }));
  const more = [
    "--name",
    "demo",
    "--repo",
    "/repo",
    "--budget",
    "$50",
    "--skills",
    "a, b",
    "--gate",
    "x",
    "--gate",
    "y z",
  ];
  const { code, out } = await godel(home, ...spawnArgs, ...more, "--model", "demo", "--max", "9", "--detach");

  equal(code, 0);
  match(out, /godel team status demo --watch/);
  deepEqual(engine.bodies, [
    {
      repo: "/repo",
      count: 2,
      min: 2,
      max: 9,
      name: "demo",
      budgetUsd: 50,
      budgetTokens: null,
      model: "demo",
      skills: ["a", "b"],
      gates: ["x", "y z"],
      task: "Show it",
    },
  ]);
});

test("with --json, stdout holds the last status alone", async (t) => {
  const { home, engine } = await accepting(t, statusOf("running", { queued: 2 }));
  const last = statusOf("done", { done: 2 });
  engine.onStream = (send) => send(frameOf(last));
  const { code, out, err } = await godel(home, ...spawnArgs, "--json");

  equal(code, 0);
  equal(err, "");
  deepEqual(JSON.parse(out), last);
});

test("team spawn exits with 1 when a task failed, and with 4 when it failed for the budget", async (t) => {
  for (const [reason, expected] of [
    ["gate", 1],
    ["budget", 4],
  ]) {
    const { home, engine } = await accepting(t, statusOf("running", { queued: 2 }));
    const items = [{ key: "build", reason }];
    engine.answers.set("GET /api/v1/tasks?team=t1&state=failed", { status: 200, body: { items } });
    engine.onStream = (send) => send(frameOf(statusOf("failed", { done: 1, failed: 1 })));
    equal((await godel(home, ...spawnArgs)).code, expected);
  }
});

test("Ctrl-C leaves the team running, says how to come back, and exits with 130", async (t) => {
  const { home, engine } = await accepting(t, statusOf("running", { queued: 2 }));
  engine.onStream = (send) => {
    send(frameOf(statusOf("running", { running: 2 })));
    child.kill("SIGINT");
  };
  const child = start(home, spawnArgs);
  const { code, err } = await finish(child);

  equal(code, 130);
  match(err, /goes on without you/);
  match(err, /godel team status demo --watch/);
  match(err, /godel team kill demo/);
  equal(
    engine.calls.some((call) => call.endsWith("/kill")),
    false,
  );
});

test("a stream that is cut is taken up again from the last number, with the loss and the return said", async (t) => {
  const { home, engine } = await accepting(t, statusOf("running", { queued: 2 }));
  const running = frameOf(statusOf("running", { running: 2 }));
  const streams: StreamFrame[][] = [[running], [running, frameOf(statusOf("done", { done: 2 }))]];
  engine.onStream = (send, socket) => {
    for (const frame of streams.shift() ?? []) send(frame);
    if (streams.length > 0) socket.close();
  };
  const { code, err } = await godel(home, ...spawnArgs);

  equal(code, 0);
  match(err, /The engine is away.*The engine is back/s);
  deepEqual(engine.from, ["0", "1"], "at first all since the team was created");
});

test("what the engine refuses is shown with its hint, and with its code in JSON", async (t) => {
  const { home, engine } = await accepting(t, statusOf("running", {}));
  const body = { code: "REPO_EMPTY", detail: "/repo has no commit yet.", status: 422 };
  engine.answers.set("POST /api/v1/teams", { status: 422, body });

  const plain = await godel(home, ...spawnArgs);
  equal(plain.code, 2);
  match(plain.err, /^error: \/repo has no commit yet\n {2}Make a first commit/);

  const json = await godel(home, ...spawnArgs, "--json");
  equal(json.code, 2);
  equal(JSON.parse(json.out).error.code, "REPO_EMPTY");
});

test("a code that only a newer engine knows is still shown", async (t) => {
  const { home, engine } = await accepting(t, statusOf("running", {}));
  engine.answers.set("POST /api/v1/teams", { status: 418, body: { code: "TEAPOT", detail: "short and stout" } });
  const { code, err } = await godel(home, ...spawnArgs);

  equal(code, 1);
  match(err, /short and stout \(TEAPOT\)/);
});

async function accepting(
  t: Parameters<typeof newHome>[0],
  accepted: TeamStatus,
): Promise<{ home: string; engine: FakeEngine }> {
  const home = newHome(t);
  const engine = await fakeEngine(t, home);
  engine.answers.set("POST /api/v1/teams", { status: 201, body: { ...accepted, seq: "0" } });
  return { home, engine };
}
