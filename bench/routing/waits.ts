import TinyQueue from "tinyqueue";
import { LeastConnectionsStrategy } from "../../src/federation/strategies/least-connections.ts";
import { Pool, type Slot } from "../../src/federation/strategies/pool.ts";
import { PowerOfTwoStrategy } from "../../src/federation/strategies/power-of-two.ts";
import { RoundRobinStrategy } from "../../src/federation/strategies/round-robin.ts";
import type { PickContext, Strategy } from "../../src/federation/strategies/strategy.ts";
import { type Random, seededRandom } from "../../src/lib/random.ts";
import { type BenchOptions, type Figure, quantile } from "../harness.ts";

const agents = 50;
const load = 0.8;
const meanTaskS = 60;
const sigma = 1.5;

interface Task {
  at: number;
  takes: number;
}

/** How long a task waits when it is bound to an agent at once, beside one queue that binds when an agent is free. */
export function waitFigures({ seed, quick }: BenchOptions): Figure[] {
  const tasks = drawTasks(seededRandom(seed), quick ? 5_000 : 50_000);
  const pushed: [string, number[]][] = [
    ["round-robin", boundAtOnce(tasks, new RoundRobinStrategy(), seed)],
    ["power-of-two", boundAtOnce(tasks, new PowerOfTwoStrategy(), seed)],
    ["least-connections", boundAtOnce(tasks, new LeastConnectionsStrategy(), seed)],
  ];
  const central = oneQueue(tasks);
  const figure = (name: string, of: (waits: number[]) => number): Figure => ({
    name: `one queue, 50 agents at 0.8: wait ${name}`,
    value: of(central),
    unit: "s",
    aim: null,
    beside: pushed.map(([policy, waits]) => ({ name: policy, value: of(waits) })),
  });
  return [figure("mean", mean), figure("p99", (waits) => quantile(waits, 0.99))];
}

/** Poisson arrivals of lognormal tasks. */
function drawTasks(random: Random, count: number): Task[] {
  const perSecond = (agents * load) / meanTaskS;
  const mu = Math.log(meanTaskS) - sigma ** 2 / 2;
  let at = 0;
  return Array.from({ length: count }, () => {
    at -= Math.log(1 - random.next()) / perSecond;
    return { at, takes: Math.exp(mu + sigma * normal(random)) };
  });
}

/** Box and Muller, 1958. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Each task joins the line of the agent that the strategy picks when it arrives. */
function boundAtOnce(tasks: readonly Task[], strategy: Strategy, seed: number): number[] {
  const pool = new Pool();
  const context: PickContext = { session: undefined, at: 0, random: seededRandom(seed) };
  strategy.attach(pool);
  for (let i = 0; i < agents; i++) {
    pool.usable[pool.add(`agent-${i}`, tasks.length, {})] = 1;
    strategy.changed(i, context);
  }
  const freeAt = new Float64Array(agents);
  const ends = new TinyQueue<{ at: number; slot: Slot }>([], (a, b) => a.at - b.at);
  return tasks.map(({ at, takes }) => {
    for (let end = ends.peek(); end && end.at <= at; end = ends.peek()) {
      ends.pop();
      pool.release(end.slot);
      strategy.changed(end.slot, context);
    }
    const slot = strategy.pick(context);
    pool.reserve(slot);
    strategy.changed(slot, context);
    const starts = Math.max(at, freeAt[slot] ?? 0);
    freeAt[slot] = starts + takes;
    ends.push({ at: starts + takes, slot });
    return starts - at;
  });
}

/** Each task waits in one line until any agent is free. */
function oneQueue(tasks: readonly Task[]): number[] {
  const freeAt = new TinyQueue(new Array<number>(agents).fill(0));
  return tasks.map(({ at, takes }) => {
    const starts = Math.max(at, freeAt.pop() ?? 0);
    freeAt.push(starts + takes);
    return starts - at;
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
