import { readFileSync } from "node:fs";
import { assert } from "../../src/lib/assert.ts";
import { Stage, shellPlan } from "../../test/stage.testing.ts";

/** One team of `count` idle pi agents on an empty home, and a second one after it. Times in seconds. */
export async function measureGodel(count: number) {
  const after: (() => void)[] = [];
  const stage = new Stage({ after: (task) => void after.push(task) });
  try {
    const start = performance.now();
    await stage.up();
    await readyTeam(stage, "cold", count);
    const coldS = (performance.now() - start) / 1_000;
    const memory = await memoryOf(stage, count);
    await endTeam(stage, "cold");

    const again = performance.now();
    await readyTeam(stage, "warm", count);
    const warmS = (performance.now() - again) / 1_000;
    const { agents } = await stage.status("warm");
    await endTeam(stage, "warm");
    await stage.down();
    return { ...memory, coldS, warmS, failed: memory.failed + agents.failed };
  } finally {
    for (const task of after) task();
  }
}

/** Paused, so that its one task never starts and its agents stay idle. */
async function readyTeam(stage: Stage, name: string, count: number): Promise<void> {
  const { team } = await stage.spawn({ name, count, model: "demo", plan: shellPlan(1) });
  await stage.post(`/api/v1/teams/${team.id}/pause`);
  await stage.watch(team.id, ({ timing }) => timing.allReadyMs !== null);
}

async function endTeam(stage: Stage, name: string): Promise<void> {
  await stage.post(`/api/v1/teams/${name}/kill`);
  await stage.watch(name, ({ agents }) => agents.total === 0);
}

/** What agents cost beyond the hosts that hold them: resident memory now, less what each host needed to come up. */
async function memoryOf(stage: Stage, count: number) {
  const agents = await stage.agents();
  const hosts = [...new Set(agents.map(({ hostPid }) => hostPid ?? 0))];
  const { failed } = (await stage.status()).agents;
  const hostMb = hosts.map(residentMb);
  const bare = await bareHostMb(stage);
  const { pid, nodePid } = stage.engine;
  assert(agents.length === count, "not all agents are there");
  return {
    hosts: hosts.length,
    failed,
    agentMb: Math.max(0, sum(hostMb) - bare * hosts.length) / count,
    totalMb: sum([...hostMb, residentMb(pid), residentMb(nodePid ?? 0)]),
  };
}

/** A host with a single agent, which is next to nothing. */
async function bareHostMb(stage: Stage): Promise<number> {
  await readyTeam(stage, "bare", 1);
  const [agent] = await stage.agents("bare");
  const mb = residentMb(agent?.hostPid ?? 0);
  await endTeam(stage, "bare");
  return mb;
}

export function residentMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kb) / 1024;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
