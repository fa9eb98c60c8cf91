import { readdirSync, readFileSync } from "node:fs";
import { assert } from "../../src/lib/assert.ts";
import { tokenCount } from "../../src/model/usage.ts";
import { Stage, shellPlan } from "../../test/stage.testing.ts";
import { residentMb } from "../spawn/godel.ts";

export interface IdleOptions {
  agents: number;
  /** From the last agent's being ready until the time that is measured, in ms. */
  settleMs: number;
  lastsMs: number;
}

/** CPU in percent of one core. */
export async function measureIdle({ agents: count, settleMs, lastsMs }: IdleOptions) {
  const after: (() => void)[] = [];
  const stage = new Stage({ after: (task) => void after.push(task) });
  try {
    await stage.up();
    // Paused, so that its one task never starts.
    const { team } = await stage.spawn({ name: "idle", count, model: "demo", plan: shellPlan(1) });
    await stage.post(`/api/v1/teams/${team.id}/pause`);
    await stage.watch(team.id, ({ timing }) => timing.allReadyMs !== null);
    await pause(settleMs);
    const { pid, nodePid } = stage.engine;
    const node = nodePid ?? 0;
    const hosts = stage.processes().filter((one) => one !== pid && one !== node);
    const parts = { engine: [pid], node: [node], hosts };
    const before = measure(parts);
    await pause(lastsMs);
    const now = measure(parts);
    const share = (part: keyof typeof parts) => (100 * (now.cpuMs[part] - before.cpuMs[part])) / (now.at - before.at);
    const { cost, agents } = await stage.status(team.id);
    assert(agents.total === count && agents.lost === 0, "not all agents are there any more");
    await stage.down();
    return {
      tokens: tokenCount(cost.tokens),
      engine: share("engine"),
      node: share("node"),
      hosts: share("hosts"),
      hostCount: hosts.length,
      growthMb: now.totalMb - before.totalMb,
      totalMb: now.totalMb,
    };
  } finally {
    for (const task of after) task();
  }
}

function measure(parts: { engine: number[]; node: number[]; hosts: number[] }) {
  const sum = (pids: number[], of: (pid: number) => number) => pids.reduce((total, pid) => total + of(pid), 0);
  const cpuMs = {
    engine: sum(parts.engine, cpuMsOf),
    node: sum(parts.node, cpuMsOf),
    hosts: sum(parts.hosts, cpuMsOf),
  };
  const all = [...parts.engine, ...parts.node, ...parts.hosts];
  return { at: performance.now(), cpuMs, totalMb: sum(all, residentMb) };
}

/** Of all threads of a process that live, to the nanosecond: see proc(5), schedstat. */
function cpuMsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ran = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return ran.reduce((total, nanoseconds) => total + Number(nanoseconds) / 1e6, 0);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
