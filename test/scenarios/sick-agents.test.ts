/** Real pi agents that fall ill: each is noticed, told with its evidence, and its work is done by others. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { AgentView, TeamStatus } from "../../src/api/wire.ts";
import { finish, start } from "../../src/cli/command.testing.ts";
import { scriptedModel } from "../../src/runtimes/pi/scripted-model.testing.ts";
import { modelFront, type Tamper } from "../model-front.testing.ts";
import { offerModel } from "../scripted-provider.testing.ts";
import { Stage } from "../stage.testing.ts";

interface Task {
  id: string;
  prompt: string;
}

interface Ward {
  stage: Stage;
  team: TeamStatus["team"];
}

/** A team of pi agents whose model follows each task's prompt; `tamper` may change that. */
async function ward(context: TestContext, tasks: Task[], { count = tasks.length, settings = "", tamper }: Wanted) {
  const stage = new Stage(context);
  offerModel(stage, tamper ? await modelFront(context, tamper(stage)) : (await scriptedModel(context)).url);
  mkdirSync(stage.home, { recursive: true });
  writeFileSync(join(stage.home, "godel.yaml"), settings);
  await stage.up({ MINE_KEY: "x" });
  const { team } = await stage.spawn({ name: "w", plan: { tasks }, count, model: "mine/scripted-1" });
  return { stage, team };
}

interface Wanted {
  count?: number;
  settings?: string;
  tamper?: (stage: Stage) => Tamper;
}

/** What `godel` prints. */
async function godel({ stage }: Ward, ...args: string[]): Promise<string> {
  const { out, err, code } = await finish(start(stage.home, args));
  equal(code, 0, err);
  return out;
}

/** So long an answer takes; by itself one comes faster than its agent can be watched. */
function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}

/** The agents that a task was given to, in order, each with what came of it. */
async function triedBy(stage: Stage, key: string): Promise<{ agent: string; state: string }[]> {
  return (await stage.task(key)).attemptList.map(({ agent, state }) => ({ agent, state }));
}

async function agent(stage: Stage, id: string): Promise<AgentView> {
  return stage.get<AgentView>(`/api/v1/agents/${id}`);
}

async function allDone({ stage, team }: Ward, tasks: readonly Task[]): Promise<void> {
  const status = await stage.ended(team.id);
  deepEqual([status.team.state, status.tasks.done], ["done", tasks.length], JSON.stringify(await stage.tasks()));
}

/** Tasks that wait in a command until `go` is called; `waiting` resolves when all of them do. */
function waiters(keys: readonly string[]) {
  const file = (stage: Stage, name: string) => join(stage.dir, name);
  const tasks = keys.map((id) => ({
    id,
    prompt: `write ${id}.txt made\nbash touch ../../../../${id}-waits; while [ ! -e ../../../../go ]; do sleep 0.05; done\nsay done`,
  }));
  return {
    tasks,
    waiting: (stage: Stage) =>
      stage.until("all agents wait", () => keys.every((key) => existsSync(file(stage, `${key}-waits`)))),
    go: (stage: Stage) => writeFileSync(file(stage, "go"), ""),
  };
}

async function hostOf(stage: Stage): Promise<number> {
  return (await stage.agents()).find(({ hostPid }) => hostPid !== null)?.hostPid ?? 0;
}

test("SIGSTOP of agents: within seconds they are suspect and told to be, then gone, and others do their work", async (context) => {
  const { tasks, waiting, go } = waiters(["a", "b"]);
  // By default half a second of suspicion is enough: too short to be looked at on a busy machine.
  const settings = "health:\n  suspectPhi: 0.5\n  unhealthyPhi: 15\n  minSigmaMs: 700\n";
  const { stage, team } = await ward(context, tasks, { settings });
  await waiting(stage);
  const stopped = await hostOf(stage);
  const at = performance.now();
  process.kill(stopped, "SIGSTOP");
  const suspected = await stage.watch(team.id, ({ agents }) => agents.suspect === 2);
  const noticedMs = performance.now() - at;
  ok(noticedMs < 8_000, `noticed after ${noticedMs} ms`);
  match(suspected.alerts.join("\n"), /agent \S+ is suspect: no heartbeat for \d+ ms/);
  const [first] = await triedBy(stage, "a");
  match(await godel({ stage, team }, "agent", "show", first?.agent ?? ""), /suspect .*alive: no heartbeat for/);
  match(await godel({ stage, team }, "task", "why", "a"), /it is suspect: no heartbeat for/);
  await stage.until("its work is given to others", async () => (await triedBy(stage, "a")).length === 2);
  ok(!stage.processes().includes(stopped), "a stopped host was left");
  match((await agent(stage, first?.agent ?? "")).reason, /was ended by its node: no heartbeat for \d+ ms/);
  go(stage);
  await allDone({ stage, team }, tasks);
  deepEqual(
    (await triedBy(stage, "a")).map(({ state }) => state),
    ["lost", "accepted"],
  );
});

test("a host killed: noticed at once, and its agents say what they died of", async (context) => {
  const { tasks, waiting, go } = waiters(["a", "b"]);
  const { stage, team } = await ward(context, tasks, {});
  await waiting(stage);
  const at = performance.now();
  process.kill(await hostOf(stage), "SIGKILL");
  const { agents } = await stage.watch(team.id, (status) => status.agents.lost === 2);
  const noticedMs = performance.now() - at;
  ok(noticedMs < 2_000, `noticed after ${noticedMs} ms`);
  equal(agents.failed, 2);
  const [first] = await triedBy(stage, "a");
  match(await godel({ stage, team }, "agent", "show", first?.agent ?? ""), /lost[\s\S]*why .*SIGKILL/);
  match(await godel({ stage, team }, "task", "why", "a"), /attempt 1 by \S+: lost \(host-lost: .*SIGKILL/);
  go(stage);
  await allDone({ stage, team }, tasks);
});

test("a tool that hangs: its agent is suspect, then set aside, and the next is told why", async (context) => {
  const hang = "bash if [ -e ../../../../tried ]; then echo ok > a.txt; else touch ../../../../tried; sleep 600; fi";
  const tasks = [{ id: "a", prompt: `${hang}\nsay done` }];
  const settings = "health:\n  toolMs: 3000\n";
  const { stage, team } = await ward(context, tasks, { settings });
  const suspected = await stage.watch(team.id, ({ agents }) => agents.suspect === 1);
  match(suspected.alerts.join("\n"), /is suspect: one tool call has run for \d+ ms/);
  await stage.until("its work is given to others", async () => (await triedBy(stage, "a")).length === 2);
  const [hung, next] = await triedBy(stage, "a");
  ok(next?.agent !== hung?.agent, "the one that hung was given the task again");
  match(await godel({ stage, team }, "agent", "show", hung?.agent ?? ""), /ejected[\s\S]*why .*one tool call has run/);
  match(
    await godel({ stage, team }, "task", "why", "a"),
    /attempt 1 by \S+: failed \(stalled: .*one tool call has run/,
  );
  await allDone({ stage, team }, tasks);
  equal(stage.commands().length, 0, "what hung still runs");
});

test("an agent in a loop: its attempt ends at the fourth equal step, and the next, told so, does it another way", async (context) => {
  const loop = Array(9).fill("bash cat README.md").join("\n");
  const tasks = [{ id: "a", prompt: loop }];
  const tamper: Tamper = async ({ prompt }) => {
    await after(300);
    return /did the same 4 times/.test(prompt) ? "write a.txt ok\nsay done" : undefined;
  };
  const { stage, team } = await ward(context, tasks, { tamper: () => tamper });
  await allDone({ stage, team }, tasks);
  const [looped, next] = await triedBy(stage, "a");
  deepEqual([looped?.state, next?.state], ["failed", "accepted"]);
  match(
    await godel({ stage, team }, "agent", "show", looped?.agent ?? ""),
    /odd .*loop: did the same 4 times with the same outcome/,
  );
  match(await godel({ stage, team }, "task", "why", "a"), /failed \(loop: the agent did the same 4 times/);
});

test("an agent that is three times slower than its peers: told with the figures, and replaced when it has finished", async (context) => {
  const script = (id: string, steps: number) =>
    [...Array.from({ length: steps }, (_, i) => `write ${id}.txt ${i}`), "say done"].join("\n");
  const tasks = Array.from({ length: 6 }, (_, i) => ({ id: `k${i}`, prompt: script(`k${i}`, i === 0 ? 5 : 9) }));
  const tamper: Tamper = ({ prompt }) => after(/ k0\.txt/.test(prompt) ? 1_560 : 520);
  const { stage, team } = await ward(context, tasks, { tamper: () => tamper });
  await stage.watch(team.id, ({ tasks: { running } }) => running === 6);
  const slow = (await triedBy(stage, "k0"))[0]?.agent ?? "";
  await stage.until("the slow one is told", async () => (await agent(stage, slow)).anomalies.length > 0);
  const shown = await godel({ stage, team }, "agent", "show", slow);
  match(shown, /odd .*speed: \d\.\d times slower than its peers of the same model/);
  match(shown, /why .*replaced: \d\.\d times slower/);
  await allDone({ stage, team }, tasks);
  deepEqual(await triedBy(stage, "k0"), [{ agent: slow, state: "accepted" }]);
  const others = (await stage.agents()).filter(({ id, anomalies }) => id !== slow && anomalies.length > 0);
  deepEqual(others, []);
});

test("an agent that fails at every task: it gets no more work, its record is told, and others do all of it", async (context) => {
  const tasks = Array.from({ length: 24 }, (_, i) => ({ id: `k${i}`, prompt: `write k${i}.txt made\nsay done` }));
  let bad = "";
  const tamper =
    (stage: Stage): Tamper =>
    async ({ prompt, answers }) => {
      const key = / (k\d+)\.txt/.exec(prompt)?.[1];
      const found = (await stage.agents()).find(({ task }) => task?.endsWith(`/${key}`))?.id ?? "";
      if (bad === "") bad = found;
      // As long for all, so that the bad one gets no more of the work than others.
      await after(200);
      return found === bad && answers === 0 ? "say done" : undefined;
    };
  const { stage, team } = await ward(context, tasks, { count: 6, tamper });
  const held = await stage.watch(team.id, ({ alerts }) => alerts.some((alert) => /gets no work until/.test(alert)));
  match(
    held.alerts.join("\n"),
    new RegExp(`agent ${bad} gets no work until .*: \\d of its last \\d attempts failed, of its peers' 0 of`),
  );
  match(await godel({ stage, team }, "agent", "show", bad), /no work .*until .*: \d of its last \d attempts failed/);
  await allDone({ stage, team }, tasks);
  const tries = await Promise.all(tasks.map(({ id }) => triedBy(stage, id)));
  const failed = tries.flat().filter(({ state }) => state !== "accepted");
  ok(failed.every(({ agent: by }) => by === bad) && failed.length <= 8, JSON.stringify(failed));
});
