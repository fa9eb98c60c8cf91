import { deepEqual, doesNotMatch, equal, match, ok, rejects } from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runtimeContract } from "../contract.ts";
import type { RuntimeEvent, Settled } from "../runtime.ts";
import { folder, numberIn, workOn } from "../testkit.testing.ts";
import { type PiRuntimeOptions, piRuntime } from "./pi-runtime.ts";
import { contentOf, scriptedModel, scriptedTarget } from "./scripted-model.testing.ts";

runtimeContract("pi", {
  open: async () => piRuntime(),
  model: scriptedTarget,
  modelUrl: async (t) => (await scriptedModel(t)).url,
  running: (command) => `bash ${command}`,
  failing: { prompt: "status 400", reason: "provider" },
});

async function bench(t: TestContext, options: Partial<PiRuntimeOptions> = {}) {
  const model = await scriptedModel(t);
  const runtime = await piRuntime({ retryDelayMs: 0, ...options });
  const events: RuntimeEvent[] = [];
  const spec = { id: "one", skills: [], model: scriptedTarget, home: folder(t) };
  const agent = await runtime.start(spec, (event) => events.push(event));
  t.after(async () => {
    await agent.stop();
    await runtime.close();
  });
  return { model, runtime, agent, events, work: (script: string) => workOn(t, script, model.url) };
}

function reasonOf(settled: Settled): string {
  return settled.ok ? "ok" : settled.failure.reason;
}

test("a pi agent reads, edits, writes and runs, and its conversation is kept", async (t) => {
  const { model, agent, work } = await bench(t);
  const todo = work("read a.txt\nedit a.txt old new\nwrite sub/b.txt hello\nbash cat a.txt sub/b.txt\nsay I did it");
  writeFileSync(join(todo.cwd, "a.txt"), "old\n");
  const settled = await agent.prompt(todo);
  equal(settled.ok && settled.summary, "I did it");
  equal(await readFile(join(todo.cwd, "a.txt"), "utf8"), "new\n");
  equal(await readFile(join(todo.cwd, "sub/b.txt"), "utf8"), "hello");
  match(contentOf(model.requests.at(-1)?.at(-1)), /new\nhello/);
  deepEqual(settled.usage, { requests: 5, input: 50, output: 50, cacheRead: 0, cacheWrite: 0, costUsd: 150 / 1e6 });
});

test("the prompt names the worktree and brings its AGENTS.md, and nothing from above it", async (t) => {
  const { model, agent, work } = await bench(t);
  const todo = work("say done");
  const above = todo.cwd;
  const cwd = join(above, "tree");
  mkdirSync(cwd);
  writeFileSync(join(above, "AGENTS.md"), "from above");
  writeFileSync(join(cwd, "AGENTS.md"), "from the repository");
  await agent.prompt({ ...todo, cwd });
  const system = contentOf(model.requests[0]?.[0]);
  match(system, /from the repository/);
  match(system, /Do not commit/);
  ok(system.includes(cwd));
  doesNotMatch(system, /from above/);
});

test("a fresh conversation begins with each prompt", async (t) => {
  const { model, agent, work } = await bench(t);
  await agent.prompt(work("say one"));
  const first = agent.sessionId;
  await agent.prompt(work("say two"));
  ok(agent.sessionId !== first);
  const users = model.requests[1]?.filter((message) => message.role === "user").map(contentOf);
  deepEqual(users, ["say two"]);
});

test("files outside of the worktree are refused, also through links, and git's own file is not written", async (t) => {
  const { model, agent, work } = await bench(t);
  const todo = work(
    "read /etc/hosts\nwrite ../x.txt no\nwrite link/x.txt no\nedit dangling a b\nwrite .git no\nsay end",
  );
  symlinkSync(folder(t), join(todo.cwd, "link"));
  symlinkSync("/tmp/godel-not-there", join(todo.cwd, "dangling"));
  ok((await agent.prompt(todo)).ok);
  const results =
    model.requests
      .at(-1)
      ?.filter((message) => message.role === "tool")
      .map(contentOf) ?? [];
  for (const text of results.slice(0, 4)) match(text, /outside of your worktree/);
  match(results[4] ?? "", /belongs to git/);
});

test("a command without a timeout is stopped after the default one", async (t) => {
  const { model, agent, work } = await bench(t, { commandTimeoutMs: 1_000 });
  ok((await agent.prompt(work("bash sleep 1000\nsay end"))).ok);
  match(contentOf(model.requests.at(-1)?.at(-1)), /timed out after 1 seconds/);
});

test("a steering message reaches the model with its next turn", async (t) => {
  const { model, agent, work } = await bench(t);
  const todo = work("bash echo $$ > started; while [ ! -e go ]; do sleep 0.01; done");
  const prompt = agent.prompt(todo);
  await numberIn(join(todo.cwd, "started"));
  equal(await agent.steer("also do this"), true);
  writeFileSync(join(todo.cwd, "go"), "");
  const settled = await prompt;
  equal(settled.ok && settled.summary, "also do this");
  equal(model.requests.length, 2);
});

test("pause lets a command run on and holds the next request", async (t) => {
  const { model, agent, work } = await bench(t);
  const todo = work("bash echo $$ > started; while [ ! -e go ]; do sleep 0.01; done; echo 1 > ended\nsay done");
  const prompt = agent.prompt(todo);
  await numberIn(join(todo.cwd, "started"));
  await agent.pause();
  writeFileSync(join(todo.cwd, "go"), "");
  await numberIn(join(todo.cwd, "ended"));
  equal(model.requests.length, 1);
  await agent.resume();
  ok((await prompt).ok);
  equal(model.requests.length, 2);
});

test("a failing provider is asked again, and then blamed", async (t) => {
  const { model, agent, work } = await bench(t, { requestRetries: 2 });
  equal(reasonOf(await agent.prompt(work("status 500"))), "provider");
  equal(model.requests.length, 3);
});

test("a provider that nobody answers for is blamed too", async (t) => {
  const { agent, work } = await bench(t, { requestRetries: 0 });
  equal(reasonOf(await agent.prompt({ ...work("say x"), modelUrl: "http://127.0.0.1:9/token/v1" })), "provider");
});

test("402 means that the budget is spent, and is not repeated", async (t) => {
  const { model, agent, work } = await bench(t);
  equal(reasonOf(await agent.prompt(work("bash echo 1\nstatus 402"))), "budget");
  equal(model.requests.length, 2);
});

test("a success without any usage is not believed", async (t) => {
  const { agent, work } = await bench(t);
  equal(reasonOf(await agent.prompt(work("free"))), "agent-error");
});

test("without a model there is no pi agent", async (t) => {
  const { runtime } = await bench(t);
  await rejects(
    runtime.start({ id: "x", skills: [], model: null, home: folder(t) }, () => {}),
    {
      code: "RUNTIME_FAILED",
    },
  );
});

test("what was said so far is on disk while the agent still works", async (t) => {
  const { agent, events, work } = await bench(t);
  const todo = work("write a.txt hello\nbash echo $$ > started; sleep 1000");
  const prompt = agent.prompt(todo);
  await numberIn(join(todo.cwd, "started"));
  const session = events.find((event) => event.type === "session");
  match(await readFile(session?.transcript ?? "", "utf8"), /"name":"write"/);
  await agent.abort();
  equal(reasonOf(await prompt), "cancelled");
});
