import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { niceness } from "../lib/priority.ts";
import type { AgentId } from "../model/records.ts";
import { runtimeContract } from "../runtimes/contract.ts";
import { scriptedModel, scriptedTarget } from "../runtimes/pi/scripted-model.testing.ts";
import type { Runtime, RuntimeEvent } from "../runtimes/runtime.ts";
import { eventually, folder, isRunning, numberIn, workOn } from "../runtimes/testkit.testing.ts";
import type { HostPoolOptions } from "./host-options.ts";
import { HostPool, type HostPoolEvents, type StartRequest } from "./host-pool.ts";

const silent: HostPoolEvents = { onEvent() {}, onHostLost() {}, onAgentLost() {}, onHostHung() {} };

function open(t: TestContext, events: Partial<HostPoolEvents> = {}, options: Partial<HostPoolOptions> = {}): HostPool {
  const pool = new HostPool(
    { ...silent, ...events },
    { cacheDir: join(import.meta.dirname, "../../node_modules/.cache/godel"), ...options },
  );
  t.after(() => pool.close());
  return pool;
}

/** `runtime` as a node sees it: in a process of its own, behind a pool. */
function hosted(t: TestContext, name: string): Runtime {
  const handlers = new Map<AgentId, (event: RuntimeEvent) => void>();
  const pool = open(t, { onEvent: (agent, event) => handlers.get(agent)?.(event) });
  return {
    name,
    needsModel: name === "pi",
    async start(spec, onEvent) {
      handlers.set(spec.id, onEvent);
      const [agent] = pool.start([{ spec, runtime: name }]);
      return agent as NonNullable<typeof agent>;
    },
    close: () => pool.close(),
  };
}

runtimeContract("hosted command", {
  open: async (t) => hosted(t, "command"),
  model: null,
  modelUrl: async () => null,
  running: (command) => command,
  failing: { prompt: "exit 3", reason: "agent-error" },
});

runtimeContract("hosted pi", {
  open: async (t) => hosted(t, "pi"),
  model: scriptedTarget,
  modelUrl: async (t) => (await scriptedModel(t)).url,
  running: (command) => `bash ${command}`,
  failing: { prompt: "status 400", reason: "provider" },
});

function team(t: TestContext, count: number, runtime = "pi"): StartRequest[] {
  const home = folder(t);
  const model = runtime === "pi" ? scriptedTarget : null;
  return Array.from({ length: count }, (_, i) => ({
    runtime,
    spec: { id: `${runtime}-${i}`, skills: [], model, home },
  }));
}

test("a hundred pi agents live in two hosts, half in each, and the loss of one host loses its half alone", async (t) => {
  const lost = new Map<AgentId, string>();
  const half = Promise.withResolvers<void>();
  const onAgentLost = (agent: AgentId, reason: string) => void (lost.set(agent, reason).size === 50 && half.resolve());
  const pool = open(t, { onAgentLost });
  const agents = await Promise.all(pool.start(team(t, 100)));
  const [first, second] = pool.hostStats();
  deepEqual([first?.agents, second?.agents], [50, 50]);
  equal(new Set(agents.map((agent) => agent.sessionId)).size, 100);

  process.kill(first?.pid ?? 0, "SIGKILL");
  await half.promise;
  for (const reason of lost.values()) equal(reason, `agent host ${first?.pid} was killed by SIGKILL`);
  const { url } = await scriptedModel(t);
  const ends = agents.map((agent) => agent.prompt(workOn(t, "say here", url)));
  for (const [i, end] of (await Promise.all(ends)).entries()) {
    const agent = agents[i];
    equal(end.ok ? "ok" : end.failure.reason, agent && lost.has(agent.id) ? "host-lost" : "ok");
    equal(agent?.hostPid, agent && lost.has(agent.id) ? first?.pid : second?.pid);
  }
});

test("commands of a host that was killed are gone before its agents are reported lost", async (t) => {
  const loss = Promise.withResolvers<AgentId>();
  const pool = open(t, { onAgentLost: (agent) => loss.resolve(agent) });
  const [agent] = await Promise.all(pool.start(team(t, 1, "command")));
  const todo = workOn(t, "echo $$ > shell.pid; setsid sleep 1000 & wait", null);
  const prompt = agent?.prompt(todo);
  const pid = await numberIn(join(todo.cwd, "shell.pid"));
  process.kill(agent?.hostPid ?? 0, "SIGKILL");
  equal(await loss.promise, agent?.id);
  equal(await isRunning(pid), false);
  const settled = await prompt;
  equal(settled?.ok === false && settled.failure.reason, "host-lost");
});

test("agents and their commands leave the cores to whoever wants them more", async (t) => {
  const [agent] = await Promise.all(open(t).start(team(t, 1, "command")));
  const settled = await agent?.prompt(workOn(t, `test "$(nice)" = ${niceness}`, null));
  equal(settled?.ok, true);
});

test("a host that dies while it loads fails the starts of its agents, and loses none", async (t) => {
  const pool = open(t, { onAgentLost: () => ok(false, "no agent was ready") });
  const starts = pool.start(team(t, 3, "no-such-runtime"));
  for (const start of starts)
    await rejects(start, { code: "RUNTIME_FAILED", message: /exited with .*no runtime is called/s });
  deepEqual(pool.hostStats(), []);
});

test("hosts end with their parent, however it ends", async (t) => {
  const parent = spawn(
    process.execPath,
    [fileURLToPath(new URL("./host-parent.testing.ts", import.meta.url)), folder(t)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [line] = await once(createInterface(parent.stdout), "line");
  const pids: number[] = JSON.parse(line);
  equal(pids.length, 3);
  for (const pid of pids) equal(await isRunning(pid), true);
  parent.kill("SIGKILL");
  for (const pid of pids) await eventually(`process ${pid} ends`, async () => !(await isRunning(pid)));
});

test("a host of pi is warm for the next team or for one that dies, and none of commands", async (t) => {
  const pool = open(t, {}, { warmHosts: 1 });
  await pool.prewarm();
  const warm = pool.hostStats().map((host) => host.pid);
  equal(warm.length, 1);
  const requests = [...team(t, 60), ...team(t, 1, "command")];
  const agents = await Promise.all(pool.start(requests));
  equal(agents[0]?.hostPid, warm[0]);
  await eventually("another gets warm", async () => pool.hostStats().length === 4);
  await Promise.all(agents.map((agent) => agent.stop()));
  await eventually("all but one end", async () => pool.hostStats().length === 1);
  const left = pool.hostStats().map((host) => host.pid);
  const [next] = await Promise.all(pool.start(team(t, 1)));
  deepEqual(left, [next?.hostPid]);
});

test("a host that has taken its share of prompts is not kept", async (t) => {
  const pool = open(t, {}, { warmHosts: 1, maxPromptsPerHost: 1 });
  const { url } = await scriptedModel(t);
  const [agent] = await Promise.all(pool.start(team(t, 1)));
  ok((await agent?.prompt(workOn(t, "say x", url)))?.ok);
  await agent?.stop();
  await eventually("the host ends", async () => !(await isRunning(agent?.hostPid ?? 0)));
});

test("a busy host that is silent too long is reported once, and hears again when it wakes", async (t) => {
  const hung = Promise.withResolvers<number>();
  let reports = 0;
  const onHostHung = (pid: number) => {
    reports += 1;
    hung.resolve(pid);
  };
  const pool = open(t, { onHostHung }, { lookMs: 100, hungAfterMs: 300 });
  const [agent] = await Promise.all(pool.start(team(t, 1, "command")));
  const todo = workOn(t, "while [ ! -e go ]; do sleep 0.01; done", null);
  const prompt = agent?.prompt(todo);
  process.kill(agent?.hostPid ?? 0, "SIGSTOP");
  equal(await hung.promise, agent?.hostPid);
  ok((pool.hostStats()[0]?.lagMs ?? 0) >= 300);
  process.kill(agent?.hostPid ?? 0, "SIGCONT");
  await agent?.abort();
  ok(!(await prompt)?.ok);
  equal(reports, 1);
});

test("an idle host that is silent too long is reported too", async (t) => {
  const hung = Promise.withResolvers<number>();
  const pool = open(
    t,
    { onHostHung: hung.resolve },
    { lookMs: 100, idleLookMs: 100, hungAfterMs: 300, closeGraceMs: 0 },
  );
  const [agent] = await Promise.all(pool.start(team(t, 1, "command")));
  process.kill(agent?.hostPid ?? 0, "SIGSTOP");
  equal(await hung.promise, agent?.hostPid);
});

test("agents of a host that their node ends are told to be lost for what it was ended for", async (t) => {
  const loss = Promise.withResolvers<string>();
  const pool = open(t, { onAgentLost: (_, reason) => loss.resolve(reason) });
  const [agent] = await Promise.all(pool.start(team(t, 1, "command")));
  const pid = agent?.hostPid ?? 0;
  process.kill(pid, "SIGSTOP");
  pool.kill(pid, "no heartbeat for 4000 ms");
  equal(await loss.promise, `agent host ${pid} was ended by its node: no heartbeat for 4000 ms`);
});

test("a host that does not answer is killed when the pool closes, after the grace", async (t) => {
  const pool = open(t, {}, { closeGraceMs: 50 });
  const [agent] = await Promise.all(pool.start(team(t, 1, "command")));
  const pid = agent?.hostPid ?? 0;
  process.kill(pid, "SIGSTOP");
  await pool.close();
  equal(await isRunning(pid), false);
});

test("options out of range and unknown ones are refused", (t) => {
  const cacheDir = folder(t);
  throws(() => new HostPool(silent, { cacheDir, maxAgentsPerHost: 101 }), { code: "OPTION_RANGE" });
  throws(
    () => new HostPool(silent, { cacheDir, warmHost: 1 } as { cacheDir: string }),
    (error: Error) => {
      match(error.message, /Did you mean "warmHosts"/);
      return true;
    },
  );
});
