import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tokens } from "../../src/api/cost-wire.ts";
import type { AttemptView } from "../../src/api/wire.ts";
import { assert, present } from "../../src/lib/assert.ts";
import { noUsage, tokenCount } from "../../src/model/usage.ts";
import { type ScriptedModel, scriptedModel } from "../../src/runtimes/pi/scripted-model.testing.ts";
import { offerModel } from "../../test/scripted-provider.testing.ts";
import { Stage } from "../../test/stage.testing.ts";

export interface KillOptions {
  agents: number;
  /** Answers of the model that each agent has had when its host dies. */
  turns: number;
  rounds: number;
  /** Rounds with session files that cannot be read. */
  scratchRounds: number;
}

export interface Kills {
  /** From each kill until all agents ran again, in ms. */
  runningMs: number[];
  /** From each kill until all agents that began from the start were back where they had been, in ms. */
  scratchMs: number[];
  /** Of the tokens of the lost attempts, how many were not spent again. */
  savedPercent: number;
  /** Agents that should have gone on and did not. */
  refused: number;
}

interface Scene {
  stage: Stage;
  provider: ScriptedModel;
  options: KillOptions;
}

interface Round {
  ms: number;
  tasks: [lost: AttemptView, next: AttemptView][];
}

/** Kills the host of a team again and again, each time of a new team. */
export async function measureKills(options: KillOptions): Promise<Kills> {
  const after: (() => void)[] = [];
  const context = { after: (task: () => void) => void after.push(task) };
  const stage = new Stage(context);
  const provider = await scriptedModel(context);
  const scene = { stage, provider, options };
  try {
    offerModel(stage, provider.url);
    await stage.up({ MINE_KEY: "x" });
    const rounds: Round[] = [];
    for (let i = 0; i < options.rounds; i++) rounds.push(await round(scene, `go-on-${i}`, false));
    const scratch: Round[] = [];
    for (let i = 0; i < options.scratchRounds; i++) scratch.push(await round(scene, `scratch-${i}`, true));
    await stage.down();
    const tasks = rounds.flatMap((one) => one.tasks);
    const spent = sum(tasks.map(([lost]) => lost.tokens));
    const saved = sum(
      tasks.map(([, { resumption }]) => (resumption && "saved" in resumption ? resumption.saved : noUsage)),
    );
    return {
      runningMs: rounds.map(({ ms }) => ms),
      scratchMs: scratch.map(({ ms }) => ms),
      savedPercent: (100 * saved) / spent,
      refused: tasks.filter(([, { resumption }]) => !resumption || "refused" in resumption).length,
    };
  } finally {
    for (const task of after.reverse()) task();
  }
}

async function round(scene: Scene, name: string, scratch: boolean): Promise<Round> {
  const { stage, provider, options } = scene;
  const { agents, turns } = options;
  const [go, waits] = [join(stage.dir, `${name} go`), (key: string) => join(stage.dir, `${name} ${key} waits`)];
  const keys = Array.from({ length: agents }, (_, i) => `t${i}`);
  const work = Array.from({ length: turns - 1 }, (_, i) => `bash echo ${i} >> log`).join("\n");
  const wait = (key: string) => `bash touch '${waits(key)}'; while [ ! -e '${go}' ]; do sleep 0.2; done`;
  const tasks = keys.map((id) => ({ id, prompt: `${work}\n${wait(id)}\nsay done`, diff: "optional" }));
  await stage.spawn({ name, plan: { tasks }, count: agents, model: "mine/scripted-1" });
  await stage.until("all agents wait", () => keys.every((key) => existsSync(waits(key))));
  const hosts = new Set((await stage.agents(name)).map(({ hostPid }) => hostPid));
  assert(hosts.size === 1, `the agents are in ${hosts.size} hosts`);
  if (scratch) for (const key of keys) spoil(await attemptsAt(stage, name, key));

  const asked = provider.requests.length;
  const start = performance.now();
  process.kill([...hosts][0] ?? 0, "SIGKILL");
  await provider.requested(asked + agents * (scratch ? turns : 1));
  const ms = performance.now() - start;
  writeFileSync(go, "");
  await stage.ended(name);
  const attempts = await Promise.all(keys.map((key) => attemptsAt(stage, name, key)));
  return {
    ms,
    tasks: attempts.map(([lost, next]) => [present(lost, "the lost attempt"), present(next, "the next one")]),
  };
}

async function attemptsAt(stage: Stage, team: string, key: string): Promise<AttemptView[]> {
  const task = (await stage.tasks(team)).find((one) => one.key === key);
  return (await stage.task(task?.id ?? key)).attemptList;
}

function spoil([attempt]: AttemptView[]): void {
  writeFileSync(attempt?.transcript ?? "", "");
}

function sum(tokens: readonly Tokens[]): number {
  return tokens.reduce((total, each) => total + tokenCount(each), 0);
}
