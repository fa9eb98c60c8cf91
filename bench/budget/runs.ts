import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Random, seededRandom } from "../../src/lib/random.ts";
import { Stage } from "../../test/stage.testing.ts";
import { burnerCost, openBurner } from "./burner.ts";

export interface RunOptions {
  seed: number;
  agents: number;
  budgetUsd: number;
  /** Who is killed, again and again while the team works. */
  kills: "nobody" | "node" | "engine" | "both";
}

export interface Run {
  /** What the provider billed beyond the budget. */
  overshootUsd: number;
  billedUsd: number;
  /** What godel says was spent. */
  recordedUsd: number;
  requests: number;
  kills: number;
  state: string;
  /** Tasks that ended for want of money, of all. */
  forBudget: number;
}

/** One team that would burn fifty times its budget. */
export async function burn(options: RunOptions): Promise<Run> {
  const random = seededRandom(options.seed);
  const burner = await openBurner(random, 300);
  const after: (() => void)[] = [burner.close];
  const stage = new Stage({ after: (task) => void after.push(task) });
  try {
    offer(stage, burner.url);
    await stage.up({ BURNER_KEY: "x" });
    const tasks = Array.from({ length: options.agents }, (_, i) => ({
      id: `t${i}`,
      prompt: "Burn.",
      diff: "optional",
    }));
    const { agents, budgetUsd } = options;
    await stage.spawn({ name: "burn", plan: { tasks }, count: agents, model: "burner/burner", budgetUsd });
    const kills = await killWhile(stage, options.kills, random);
    const status = await settled(stage);
    // What is under way at the end is billed, and reported, a moment later.
    const forBudget = (await stage.tasks("burn")).filter(({ reason }) => reason === "budget").length;
    await stage.down();
    const { billedUsd, requests } = burner.books;
    return {
      overshootUsd: Math.max(0, billedUsd - budgetUsd),
      billedUsd,
      recordedUsd: status.cost.spentUsd,
      requests,
      kills,
      state: status.team.state,
      forBudget,
    };
  } finally {
    for (const task of after.reverse()) task();
  }
}

function offer(stage: Stage, url: string): void {
  const dir = join(stage.dir, "pi");
  mkdirSync(dir);
  const models = [{ id: "burner", contextWindow: 1_000_000, maxTokens: 32_000, cost: burnerCost }];
  const burner = { baseUrl: url, api: "openai-completions", apiKey: "$BURNER_KEY", models };
  writeFileSync(join(dir, "models.json"), JSON.stringify({ providers: { burner } }));
}

/** Three times, each at an instant drawn by chance, unless the team has ended by then. */
async function killWhile(stage: Stage, whom: RunOptions["kills"], random: Random): Promise<number> {
  let kills = 0;
  for (let time = 0; whom !== "nobody" && time < 3; time++) {
    await new Promise((resolve) => setTimeout(resolve, 300 + 1_500 * random.next()));
    const status = await stage.status("burn").catch(() => null);
    if (status === null || status.team.endedAt !== null) break;
    const { pid, nodePid } = stage.engine;
    const victims = [whom === "node" ? null : pid, whom === "engine" ? null : nodePid];
    kills += victims.filter((victim) => victim !== null && killed(victim)).length;
    if (whom !== "node") await stage.up({ BURNER_KEY: "x" });
  }
  return kills;
}

/** False for one that is being replaced already. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** Once the team has ended and no request is under way any more. */
async function settled(stage: Stage) {
  await stage.until("the team has ended", async () => (await stage.status("burn")).team.endedAt !== null);
  await stage.until("its agents are gone", async () => (await stage.status("burn")).agents.total === 0);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  return stage.status("burn");
}
