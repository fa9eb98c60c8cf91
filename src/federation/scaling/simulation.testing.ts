/**
 * A fleet under load, second by second, in virtual time: what a scaling rule makes of waiting, agent-hours and spawns.
 *
 * The load of our fact sheet: 4 hours, 0.1 tasks a second plus bursts of 60, tasks of lognormal length (mean 60 s,
 * sigma 1), 10 s from a spawn to an agent that is up.
 */
import { type Random, seededRandom } from "../../lib/random.ts";

/** What a rule sees each second. */
export interface Seen {
  at: number;
  runnable: number;
  busy: number;
  idle: number;
  starting: number;
  spawned: number;
  waitP95Ms: number;
  /** How long an agent takes to start, as was measured. */
  startMs: number;
}

/** Agents to start (above 0) or idle agents to stop (below 0). */
export interface ScaleRule {
  (seen: Seen): number;
  /** An agent is gone with its first task. */
  oneTaskEach?: true;
}

export interface Outcome {
  waitP95S: number;
  agentHours: number;
  spawns: number;
  /** The most agents that ever were there at once. */
  most: number;
  /** How many were at work, in each second. */
  busy: number[];
}

const seconds = 4 * 3_600;
export const startUpS = 10;
const burstEveryS = 900;
const sigma = 1;

interface World {
  queue: { arrived: number; length: number }[];
  /** When each busy agent is free again. */
  busyUntil: number[];
  startingUntil: number[];
  idle: number;
  waits: number[];
}

export function simulate(rule: ScaleRule, seed: number): Outcome {
  const arrivals = drawArrivals(seededRandom(seed));
  const world: World = { queue: [], busyUntil: [], startingUntil: [], idle: 2, waits: [] };
  const busy: number[] = [];
  let [agentSeconds, spawns, most] = [0, 2, 2];
  for (let at = 0; at < seconds || world.queue.length > 0; at++) {
    advance(world, arrivals[at] ?? [], { at, oneTaskEach: rule.oneTaskEach ?? false });
    const change = rule(look(world, at, spawns));
    if (change > 0) spawns += change;
    for (let i = 0; i < change; i++) world.startingUntil.push(at + startUpS);
    world.idle -= Math.min(world.idle, Math.max(0, -change));
    const there = world.idle + world.busyUntil.length + world.startingUntil.length;
    most = Math.max(most, there);
    agentSeconds += there;
    busy.push(world.busyUntil.length);
  }
  return { waitP95S: p95(world.waits), agentHours: agentSeconds / 3_600, spawns, most, busy };
}

function advance(world: World, arriving: readonly number[], when: { at: number; oneTaskEach: boolean }): void {
  const { at, oneTaskEach } = when;
  const before = { busy: world.busyUntil.length, starting: world.startingUntil.length };
  world.busyUntil = world.busyUntil.filter((until) => until > at);
  world.startingUntil = world.startingUntil.filter((until) => until > at);
  world.idle += before.starting - world.startingUntil.length;
  if (!oneTaskEach) world.idle += before.busy - world.busyUntil.length;
  for (const length of arriving) world.queue.push({ arrived: at, length });
  while (world.idle > 0) {
    const task = world.queue.shift();
    if (!task) break;
    world.idle--;
    world.waits.push(at - task.arrived);
    world.busyUntil.push(at + task.length);
  }
}

function look({ queue, busyUntil, startingUntil, idle, waits }: World, at: number, spawned: number): Seen {
  const waiting = queue.map(({ arrived }) => at - arrived);
  const waitP95Ms = 1_000 * p95(waiting.length > 0 ? waiting : waits.slice(-1));
  const starting = startingUntil.length;
  return {
    at,
    runnable: queue.length,
    busy: busyUntil.length,
    idle,
    starting,
    spawned: spawned - starting,
    waitP95Ms,
    startMs: 1_000 * startUpS,
  };
}

/** The lengths of the tasks that arrive in each second. */
function drawArrivals(random: Random): number[][] {
  return Array.from({ length: seconds }, (_, at) => {
    const count = poisson(random, 0.1) + (at % burstEveryS === burstEveryS / 2 ? 60 : 0);
    return Array.from({ length: count }, () => lognormal(random, 60));
  });
}

function poisson(random: Random, mean: number): number {
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > floor; product *= random.next()) count++;
  return count;
}

function lognormal(random: Random, mean: number): number {
  const gauss = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.max(1, Math.round(Math.exp(Math.log(mean) - sigma ** 2 / 2 + sigma * gauss)));
}

function p95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0;
}
