import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { assert } from "../lib/assert.ts";
import { systemClock } from "../lib/clock.ts";
import type { ModelTarget } from "../model/model-target.ts";
import type { FailureReason } from "../model/records.ts";
import { addUsage, noUsage } from "../model/usage.ts";
import type { Runtime, RuntimeAgent, RuntimeEvent, Work } from "./runtime.ts";
import { eventually, folder, isRunning, numberIn, workOn } from "./testkit.testing.ts";

export interface RuntimeUnderTest {
  open(t: TestContext): Promise<Runtime>;
  model: ModelTarget | null;
  /** The address that an attempt is given, for a runtime that asks a model. */
  modelUrl(t: TestContext): Promise<string | null>;
  /** A prompt that makes an agent run `command` in its worktree, and then end. */
  running(command: string): string;
  /** A prompt that fails, and how. */
  failing: { prompt: string; reason: FailureReason };
}

interface Bench {
  agent: RuntimeAgent;
  events: RuntimeEvent[];
  /** Work that runs `command`. */
  work(command: string): Work;
}

/** The promises every runtime keeps. Each implementation's test file calls this once. */
export function runtimeContract(name: string, subject: RuntimeUnderTest): void {
  let agents = 0;

  async function bench(t: TestContext, runtime?: Runtime): Promise<Bench> {
    const owner = runtime ?? (await subject.open(t));
    const url = await subject.modelUrl(t);
    const events: RuntimeEvent[] = [];
    const spec = { id: `agent-${++agents}`, skills: [], model: subject.model, home: folder(t) };
    const agent = await owner.start(spec, (event) => events.push(event));
    t.after(async () => {
      await agent.stop();
      if (!runtime) await owner.close();
    });
    return { agent, events, work: (command) => workOn(t, subject.running(command), url) };
  }

  test(`${name}: an agent has a session of its own from the start`, async (t) => {
    const runtime = await subject.open(t);
    t.after(() => runtime.close());
    const [one, two] = [await bench(t, runtime), await bench(t, runtime)];
    notEqual(one.agent.sessionId, "");
    notEqual(one.agent.sessionId, two.agent.sessionId);
    deepEqual(one.agent.usage(), noUsage);
  });

  test(`${name}: a prompt works in the worktree, says so, and ends with a summary and a transcript`, async (t) => {
    const { agent, events, work } = await bench(t);
    const todo = work("pwd; echo made > made.txt; echo all is well");
    const before = systemClock.wall();
    const settled = await agent.prompt(todo);
    ok(settled.ok, JSON.stringify(settled));
    match(settled.summary, /all is well/);
    equal(await readFile(join(todo.cwd, "made.txt"), "utf8"), "made\n");
    const session = events.find((event) => event.type === "session");
    assert(session?.transcript, "the session has no transcript");
    ok(session.transcript.startsWith(todo.transcriptDir));
    match(await readFile(session.transcript, "utf8"), /all is well/);
    equal(session.sessionId, agent.sessionId);
    ok(events.some((event) => event.type === "activity"));
    const calls = events.flatMap((event) => (event.type === "tool" ? [event.call] : []));
    equal(calls.length, 1);
    for (const { tool, startedAt, ms, failed } of calls) {
      match(tool, /sh$/);
      ok(startedAt >= before && ms > 0 && startedAt + ms <= systemClock.wall() + 1, JSON.stringify(calls));
      equal(failed, false);
    }
    ok(events.every((event) => event.attempt === todo.attempt));
  });

  test(`${name}: two prompts, one after the other, each stay in their own worktree`, async (t) => {
    const { agent, work } = await bench(t);
    const [first, second] = [work("echo 1 > first.txt"), work("echo 2 > second.txt")];
    const settled = [await agent.prompt(first), await agent.prompt(second)];
    ok(settled.every((end) => end.ok));
    ok(existsSync(join(first.cwd, "first.txt")) && !existsSync(join(first.cwd, "second.txt")));
    ok(existsSync(join(second.cwd, "second.txt")) && !existsSync(join(second.cwd, "first.txt")));
    deepEqual(agent.usage(), settled.map((end) => end.usage).reduce(addUsage));
  });

  test(`${name}: commands see the attempt's environment and its mark, and no secret of the host`, async (t) => {
    process.env.SOME_API_KEY = "secret";
    t.after(() => delete process.env.SOME_API_KEY);
    const { agent, work } = await bench(t);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
    const todo = work('echo "${EXTRA}/${GODEL_ATTEMPT}/${SOME_API_KEY:-none}" > env.txt');
    await agent.prompt({ ...todo, env: { EXTRA: "given" } });
    equal(await readFile(join(todo.cwd, "env.txt"), "utf8"), `given/${todo.attempt}/none\n`);
  });

  test(`${name}: a prompt that fails settles with its reason`, async (t) => {
    const { agent, work } = await bench(t);
    const settled = await agent.prompt({ ...work(""), prompt: subject.failing.prompt });
    equal(settled.ok ? "ok" : settled.failure.reason, subject.failing.reason);
  });

  test(`${name}: a second prompt is refused while the first goes on`, async (t) => {
    const { agent, work } = await bench(t);
    const first = agent.prompt(work("echo first"));
    const second = await agent.prompt(work("echo second"));
    equal(second.ok ? "ok" : second.failure.reason, "agent-error");
    ok((await first).ok);
  });

  test(`${name}: a prompt in a worktree that is not there fails and does not reject`, async (t) => {
    const { agent, work } = await bench(t);
    const settled = await agent.prompt({ ...work("echo here"), cwd: join(folder(t), "missing") });
    equal(settled.ok ? "ok" : settled.failure.reason, "workspace");
  });

  test(`${name}: abort ends the prompt and kills its commands with all their children`, async (t) => {
    const { agent, work } = await bench(t);
    const todo = work("sleep 1000 & echo $! > child.pid; setsid sleep 1000 & echo $$ > shell.pid; wait");
    const prompt = agent.prompt(todo);
    const pids = [await numberIn(join(todo.cwd, "child.pid")), await numberIn(join(todo.cwd, "shell.pid"))];
    await agent.abort();
    const settled = await prompt;
    equal(settled.ok ? "ok" : settled.failure.reason, "cancelled");
    for (const pid of pids) equal(await isRunning(pid), false);
    ok((await agent.prompt(work("echo again"))).ok, "it works on after an abort");
  });

  test(`${name}: what a command leaves in the background ends with the prompt`, async (t) => {
    const { agent, work } = await bench(t);
    const todo = work("setsid sleep 1000 > /dev/null 2>&1 & echo $! > left.pid");
    ok((await agent.prompt(todo)).ok);
    equal(await isRunning(await numberIn(join(todo.cwd, "left.pid"))), false);
  });

  test(`${name}: abort and steer do nothing while idle`, async (t) => {
    const { agent } = await bench(t);
    await agent.abort();
    equal(await agent.steer("go on"), false);
  });

  test(`${name}: a paused agent begins nothing until it is resumed`, async (t) => {
    const runtime = await subject.open(t);
    t.after(() => runtime.close());
    const [held, free] = [await bench(t, runtime), await bench(t, runtime)];
    await held.agent.pause();
    await held.agent.pause();
    const todo = held.work("echo 1 > done.txt");
    const prompt = held.agent.prompt(todo);
    // What another agent gets done meanwhile, this one would have as well.
    ok((await free.agent.prompt(free.work("echo 1"))).ok);
    equal(existsSync(join(todo.cwd, "done.txt")), false);
    await held.agent.resume();
    ok((await prompt).ok);
  });

  test(`${name}: abort ends a prompt that is paused`, async (t) => {
    const { agent, work } = await bench(t);
    await agent.pause();
    const prompt = agent.prompt(work("echo 1"));
    await agent.abort();
    const settled = await prompt;
    equal(settled.ok ? "ok" : settled.failure.reason, "cancelled");
  });

  test(`${name}: stop ends the prompt and its commands, may be called twice, and takes no prompt after`, async (t) => {
    const { agent, work } = await bench(t);
    const todo = work("echo $$ > shell.pid; sleep 1000");
    const prompt = agent.prompt(todo);
    const pid = await numberIn(join(todo.cwd, "shell.pid"));
    await Promise.all([agent.stop(), agent.stop()]);
    await eventually("the shell ends", async () => !(await isRunning(pid)));
    for (const settled of [await prompt, await agent.prompt(work("echo 1"))]) {
      equal(settled.ok ? "ok" : settled.failure.reason, "cancelled");
    }
  });
}
