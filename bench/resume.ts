import type { Bench } from "./harness.ts";
import { quantile } from "./harness.ts";
import { measureKills } from "./resume/kills.ts";

const agents = 25;
const aims = { runningS: 3, savedPercent: 90 };

/**
 * 25 pi agents in one host, each with twelve turns of its task behind it, wait in a command. Their host is killed with
 * kill -9. Running again: the model is asked for the next turn of the last of them, by an agent that knows all
 * twelve. Beside it, the same with session files that cannot be read, so that the tasks begin from the start: until all
 * are back where they were.
 */
export const bench: Bench = {
  name: "resume",
  about: "kill -9 of a host with 25 agents: time until all run again, and tokens not spent again, beside a new start",
  async run({ quick }) {
    const kills = await measureKills({ agents, turns: 12, rounds: quick ? 3 : 30, scratchRounds: quick ? 1 : 5 });
    const seconds = (share: number, times: readonly number[]) => quantile(times, share) / 1_000;
    const beside = (share: number) => [{ name: "from the start", value: seconds(share, kills.scratchMs) }];
    return [
      {
        name: `${agents} agents running again, p50`,
        value: seconds(0.5, kills.runningMs),
        unit: "s",
        aim: null,
        beside: beside(0.5),
      },
      {
        name: `${agents} agents running again, p99 of ${kills.runningMs.length} kills`,
        value: seconds(0.99, kills.runningMs),
        unit: "s",
        aim: { below: aims.runningS },
        beside: beside(0.99),
      },
      {
        name: "tokens not spent again",
        value: kills.savedPercent,
        unit: "%",
        aim: { above: aims.savedPercent },
        beside: [{ name: "from the start", value: 0 }],
      },
      { name: "agents that began from the start", value: kills.refused, unit: "", aim: { below: 1 }, beside: [] },
    ];
  },
};
