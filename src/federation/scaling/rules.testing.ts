/** The scaling rules that ours is compared with, as their documents give them. All from 2 to 50 agents. */
import { AutoScaler } from "../auto-scaler.ts";
import type { ScalerOptions } from "./options.ts";
import type { ScaleRule, Seen } from "./simulation.testing.ts";

const [min, max] = [2, 50];

/** Ours, asked once a second. */
export function ours(options: Partial<ScalerOptions> = {}): ScaleRule {
  const scaler = new AutoScaler({ minAgents: min, maxAgents: max, ...options });
  return ({ at, runnable, busy, idle, starting, spawned, waitP95Ms }) => {
    const spawns = { succeeded: spawned, failed: 0 };
    const pool = { pool: "all", runnable, busy, idle, starting, waitP95Ms };
    const { spawn, drain } = scaler.decide({ pools: [pool], spawns }, at * 1_000);
    return spawn - drain;
  };
}

/** More than 10 queued: one more each 10 s; utilisation under 0.2: one fewer. */
export function thresholds(): ScaleRule {
  return ({ at, runnable, busy, idle, starting }) => {
    const there = busy + idle + starting;
    if (at % 10 !== 0) return 0;
    if (runnable > 10 && there < max) return 1;
    return busy / Math.max(1, there) < 0.2 && there > min ? -1 : 0;
  };
}

/** Kubernetes' HPA on a utilisation of 0.7: 15 s, tolerance 0.1, up by max(100%, 4), down to the largest of 300 s. */
export function hpa(): ScaleRule {
  let wishes: { at: number; agents: number }[] = [];
  return (seen) => {
    if (seen.at % 15 !== 0) return 0;
    const there = thereOf(seen);
    const ratio = seen.busy / Math.max(1, there) / 0.7;
    const wish = Math.abs(ratio - 1) <= 0.1 ? there : Math.ceil(there * ratio);
    wishes = [...wishes.filter(({ at }) => at > seen.at - 300), { at: seen.at, agents: wish }];
    const steady = wish < there ? Math.min(there, Math.max(...wishes.map(({ agents }) => agents))) : wish;
    return Math.min(max, Math.max(min, Math.min(steady, there + Math.max(there, 4)))) - there;
  };
}

/**
 * Knative's KPA, each 2 s: concurrency over 60 s by a target of 0.7 an agent. Where that of 6 s asks for twice the agents
 * that are up it panics for 60 s, and then goes by the most that it asked for.
 */
export function kpa(): ScaleRule {
  let seen: { at: number; load: number }[] = [];
  let panic = { until: -1, most: 0 };
  return (now) => {
    const { at, busy, idle, runnable } = now;
    seen = [...seen.filter((each) => each.at > at - 60), { at, load: busy + runnable }];
    if (at % 2 !== 0) return 0;
    const wishFor = (seconds: number) => {
      const loads = seen.filter((each) => each.at > at - seconds).map(({ load }) => load);
      return Math.ceil(loads.reduce((sum, load) => sum + load, 0) / loads.length / 0.7);
    };
    const soon = wishFor(6);
    if (soon >= 2 * Math.max(1, busy + idle)) panic.until = at + 60;
    if (at >= panic.until) panic = { until: -1, most: 0 };
    else panic.most = Math.max(panic.most, soon, thereOf(now));
    const wish = at < panic.until ? panic.most : wishFor(60);
    return Math.min(max, Math.max(min, wish)) - thereOf(now);
  };
}

/** GitHub's Actions Runner Controller, each second: min + assigned, at most max, and idle runners go at once. */
export function arc(): ScaleRule {
  return (seen) => Math.min(max, min + seen.busy + seen.runnable) - thereOf(seen);
}

function thereOf({ busy, idle, starting }: Seen): number {
  return busy + idle + starting;
}
