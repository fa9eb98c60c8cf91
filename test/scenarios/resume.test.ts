import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { AttemptView, TeamStatus } from "../../src/api/wire.ts";
import { type ScriptedModel, scriptedModel } from "../../src/runtimes/pi/scripted-model.testing.ts";
import { offerModel } from "../scripted-provider.testing.ts";
import { Stage } from "../stage.testing.ts";

interface Scene {
  stage: Stage;
  provider: ScriptedModel;
  team: TeamStatus["team"];
  /** From now on nothing waits any more. */
  go(): void;
}

/** A team whose agents write a file, note that they did, and then wait in a command: the third thing of four that they do. */
async function waitingTeam(context: TestContext, keys: string[]): Promise<Scene> {
  const stage = new Stage(context);
  const provider = await scriptedModel(context);
  offerModel(stage, provider.url);
  await stage.up({ MINE_KEY: "x" });
  const goFile = join(stage.dir, "go");
  const waits = (key: string) => join(stage.dir, `${key} waits`);
  const wait = (key: string) => `bash touch '${waits(key)}'; while [ ! -e '${goFile}' ]; do sleep 0.05; done`;
  const tasks = keys.map((id) => ({
    id,
    prompt: `write ${id}.txt made\nbash echo noted >> ${id}.log\n${wait(id)}\nsay done`,
  }));
  const { team } = await stage.spawn({ name: "r", plan: { tasks }, count: keys.length, model: "mine/scripted-1" });
  await stage.until("all agents wait", () => keys.every((key) => existsSync(waits(key))));
  return { stage, provider, team, go: () => writeFileSync(goFile, "") };
}

async function attemptsAt(stage: Stage, key: string): Promise<AttemptView[]> {
  return (await stage.task(key)).attemptList;
}

async function resumed(stage: Stage, key: string): Promise<void> {
  await stage.until(`${key} is gone on with`, async () => (await attemptsAt(stage, key)).at(-1)?.resumption != null);
}

/** Done, with nothing done or paid for twice. */
async function doneOnce({ stage, provider, team, go }: Scene, keys: string[]): Promise<void> {
  for (const key of keys) await resumed(stage, key);
  go();
  const status = await stage.ended(team.id);
  deepEqual([status.team.state, status.tasks.done], ["done", keys.length], status.team.reason);
  equal(provider.requests.length, 4 * keys.length, "something was asked for twice");
  for (const key of keys) {
    const [lost, next] = await attemptsAt(stage, key);
    deepEqual([lost?.state, next?.state], ["lost", "accepted"]);
    const saved = next?.resumption && "saved" in next.resumption ? next.resumption.saved : null;
    deepEqual([next?.resumption?.from, saved?.requests, saved?.input], [lost?.id, 3, 30]);
    equal(stage.git("show", `${team.branch}:${key}.log`), "noted");
    const why = await stage.get<{ facts: string[] }>(`/api/v1/tasks/${key}/why`);
    match(why.facts.join("\n"), /went on in the session of attempt 1, which saved 60 tokens/);
  }
  await stage.down();
  deepEqual(stage.worktrees(), []);
}

async function hostOf(stage: Stage): Promise<number> {
  const hosts = new Set((await stage.agents()).map(({ hostPid }) => hostPid));
  equal(hosts.size, 1);
  return [...hosts][0] ?? 0;
}

const keys = ["a", "b", "c", "d"];

test("kill -9 of a host: its agents go on in their sessions and worktrees, told so, and pay for nothing twice", async (context) => {
  const scene = await waitingTeam(context, keys);
  process.kill(await hostOf(scene.stage), "SIGKILL");
  await doneOnce(scene, keys);
  const told = scene.provider.requests.slice(3 * keys.length).map((messages) => JSON.stringify(messages));
  ok(
    told.every(
      (text) => /You were interrupted: .*killed by SIGKILL/.test(text) && /Interrupted: the process/.test(text),
    ),
  );
});

test("kill -9 of the node: its agents go on under the next one", async (context) => {
  const scene = await waitingTeam(context, keys);
  process.kill(scene.stage.engine.nodePid ?? 0, "SIGKILL");
  await doneOnce(scene, keys);
});

test("a host that hangs is ended, and its agents go on elsewhere", async (context) => {
  const scene = await waitingTeam(context, ["a", "b"]);
  process.kill(await hostOf(scene.stage), "SIGSTOP");
  await doneOnce(scene, ["a", "b"]);
});

test("kill -9 of the node while gates run: the agent had finished and is not asked again, and what the gates left is gone", async (context) => {
  const stage = new Stage(context);
  const provider = await scriptedModel(context);
  offerModel(stage, provider.url);
  await stage.up({ MINE_KEY: "x" });
  const goFile = join(stage.dir, "go");
  const gate = `test ! -e left.txt && echo left > left.txt && while [ ! -e '${goFile}' ]; do sleep 0.05; done`;
  const plan = { tasks: [{ id: "a", prompt: "write a.txt made\nsay done", gates: [gate] }] };
  const { team } = await stage.spawn({ name: "r", plan, model: "mine/scripted-1" });
  await stage.watch(team.id, ({ tasks }) => tasks.verifying === 1);
  await stage.until("the gate runs", () => stage.commands().length > 0);
  process.kill(stage.engine.nodePid ?? 0, "SIGKILL");
  await resumed(stage, "a");
  writeFileSync(goFile, "");
  equal((await stage.ended(team.id)).team.state, "done", JSON.stringify((await stage.task("a")).failure));
  equal(provider.requests.length, 2);
  equal(stage.git("diff", "--name-only", `main..${team.branch}`), "a.txt");
});

test("a session file that is gone or damaged: the task begins from the start, and says why", async (context) => {
  const { stage, provider, team, go } = await waitingTeam(context, ["a", "b"]);
  const [attempt] = await attemptsAt(stage, "a");
  writeFileSync(attempt?.transcript ?? "", "not what pi wrote\n");
  process.kill(await hostOf(stage), "SIGKILL");
  for (const key of ["a", "b"]) await resumed(stage, key);
  await stage.until("a has begun again", () => provider.requests.length > 7);
  go();
  equal((await stage.ended(team.id)).team.state, "done");
  const next = (await attemptsAt(stage, "a")).at(-1);
  deepEqual(next?.resumption, { from: attempt?.id, refused: "its session file has no header" });
  equal(stage.git("show", `${team.branch}:a.log`), "noted", "it began in a worktree of its own");
  const why = await stage.get<{ facts: string[] }>("/api/v1/tasks/a/why");
  match(why.facts.join("\n"), /from the start, as it could not go on from attempt 1: its session file has no header/);
});
