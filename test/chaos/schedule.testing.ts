/** What is done to a fleet, and when: drawn from a seed alone, so that a run can be had again as far as the machine allows. */
import type { Millis } from "../../src/lib/clock.ts";
import { Dice } from "../../src/sim/dice.ts";

/**
 * `kill`: kill -9. `stop`: SIGSTOP, and SIGCONT after a while. `command`: what an agent or a gate runs. `git`: one that
 * works for the node. `lock`: a file that a git which was killed leaves behind.
 */
export type FaultKind = `kill ${"engine" | "node" | "host" | "command" | "git"}` | Nuisance;
type Nuisance = `stop ${"engine" | "node" | "host" | "command"}` | "leave lock";

/** How often each comes, among the others of its kind. */
const kills: Record<Exclude<FaultKind, Nuisance>, number> = {
  "kill engine": 4,
  "kill node": 2,
  "kill host": 4,
  "kill command": 4,
  "kill git": 3,
};
const nuisances: Record<Nuisance, number> = {
  "stop engine": 2,
  "stop node": 2,
  "stop host": 2,
  "stop command": 3,
  "leave lock": 3,
};

export interface Fault {
  /** Since the start of the run. */
  at: Millis;
  kind: FaultKind;
  /** Which of those that there are then: a share of their number, below 1. */
  which: number;
  /** How long a stop lasts. Most end before anybody notices, some last until the process is given up. */
  holdMs: Millis;
}

export interface ScheduleOptions {
  durationMs: Millis;
  /** Between two kills, on average. */
  everyMs: Millis;
  /** Of a stop. */
  longestHoldMs: Millis;
}

/** Kills at random instants, `everyMs` apart on average, until `durationMs`; besides them half as many stops and locks. */
export function scheduleOf(seed: number, options: ScheduleOptions): Fault[] {
  const faults = [
    ...drawn(new Dice(seed, "kills"), kills, options),
    ...drawn(new Dice(seed, "nuisances"), nuisances, { ...options, everyMs: 2 * options.everyMs }),
  ];
  return faults.sort((a, b) => a.at - b.at);
}

function* drawn<K extends FaultKind>(
  dice: Dice,
  weights: Record<K, number>,
  { durationMs, everyMs, longestHoldMs }: ScheduleOptions,
): Generator<Fault> {
  const kinds = (Object.entries(weights) as [K, number][]).flatMap(([kind, weight]) => Array<K>(weight).fill(kind));
  // The gaps of a Poisson process: nothing is ever due.
  const gap = () => -Math.log(1 - dice.next()) * everyMs;
  for (let at = gap(); at < durationMs; at += gap()) {
    yield { at, kind: dice.pick(kinds as [K, ...K[]]), which: dice.next(), holdMs: longestHoldMs ** dice.next() };
  }
}
