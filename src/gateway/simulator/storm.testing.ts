import { type Millis, sleep } from "../../lib/clock.ts";
import type { GivenProvider } from "../limits/provider-options.ts";
import { type AccountOptions, SimulatedAccount } from "./account.ts";
import { Traffic } from "./traffic.testing.ts";

export interface Storm {
  agents: number;
  /** Turns of each agent, one request each. */
  turns: number;
  says: AccountOptions["says"];
  requestsPerMinute: number;
  providers?: Record<string, GivenProvider>;
  seed: number;
  /** The request that is refused for no reason of the account's, counted from 1. */
  stray?: number;
  /** From when to when the provider does not answer at all. */
  down?: [Millis, Millis];
}

export interface StormResult {
  /** Agents whose every request was answered. */
  finished: number;
  accepted: number;
  refused: number;
  unreachable: number;
  /** Until the last request was let in, in ms. */
  tookMs: Millis;
  /** The least that any client could need: a full bucket, then as fast as it fills. */
  boundMs: Millis;
}

/** Agents that all start at once on one account, and think for a second or two between their turns. */
export async function storm(options: Storm): Promise<StormResult> {
  const { agents, turns, says, requestsPerMinute, seed, providers, down, stray } = options;
  const account = new SimulatedAccount({ requestsPerMinute, says });
  let [last, unreachable, asked] = [0, 0, 0];
  const traffic: Traffic = new Traffic({
    seed,
    providers,
    provider: (at) => {
      if (down && at >= down[0] && at < down[1]) {
        unreachable += 1;
        return "down";
      }
      asked += 1;
      const verdict = asked === stray ? account.refuse(at) : account.ask(at);
      if (verdict.status === 200) last = at;
      return verdict;
    },
  });
  const agent = async (number: number): Promise<boolean> => {
    let all = true;
    for (let turn = 0; turn < turns; turn++) {
      all &&= (await traffic.ask(`a${number}`, `t${number % 4}`)).status === 200;
      await sleep(traffic.clock, 1_000 * (1 + traffic.random.next()));
    }
    return all;
  };
  const ended = await traffic.until(Promise.all(Array.from({ length: agents }, (_, number) => agent(number))));
  return {
    finished: ended.filter(Boolean).length,
    accepted: account.accepted,
    refused: account.refused,
    unreachable,
    tookMs: last,
    boundMs: (Math.max(0, agents * turns - requestsPerMinute) * 60_000) / requestsPerMinute,
  };
}
