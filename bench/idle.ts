import type { Bench } from "./harness.ts";
import { measureIdle } from "./idle/fleet.ts";

/** Of one core, in percent; of resident memory over the whole time, in MB: what a garbage collector has not yet come to. */
const aims = { cpuPercent: 1, growthMb: 20 };

/** Agents that are up and have nothing to do. A minute after they are ready, the time that is measured begins. */
export const bench: Bench = {
  name: "idle",
  about: "1,000 idle agents for ten minutes: tokens, CPU of engine, node and hosts, growth of memory",
  async run({ quick }) {
    const agents = quick ? 200 : 1_000;
    const minutes = quick ? 1 : 10;
    const idle = await measureIdle({ agents, settleMs: quick ? 15_000 : 60_000, lastsMs: minutes * 60_000 });
    const figure = (name: string, value: number, unit: string, below: number | null) => {
      return { name, value, unit, aim: below === null ? null : { below }, beside: [] };
    };
    const lasting = `${agents} idle agents, ${minutes} min`;
    return [
      figure(`${lasting}: tokens`, idle.tokens, "", 1),
      figure(`${lasting}: CPU in all, of one core`, idle.engine + idle.node + idle.hosts, "%", aims.cpuPercent),
      figure(`${lasting}: CPU of the engine`, idle.engine, "%", null),
      figure(`${lasting}: CPU of the node`, idle.node, "%", null),
      figure(`${lasting}: CPU of ${idle.hostCount} hosts`, idle.hosts, "%", null),
      figure(`${lasting}: growth of memory`, idle.growthMb, "MB", aims.growthMb),
      figure(`${lasting}: memory at the end`, idle.totalMb, "MB", null),
    ];
  },
};
