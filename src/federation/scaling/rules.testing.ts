/** The scaling rules that ours is compared with, as their documents give them. All from 2 to 50 agents. */
import { AutoScaler } from "../auto-scaler.ts";
import type { ScalerOptions } from "./options.ts";
import type { ScaleRule, Seen } from "./simulation.testing.ts";

const [min, max] = [2, 50];

/** Ours, asked once a second. */
export function ours(options: Partial<ScalerOptions> = {}): ScaleRule {
  const scaler = new AutoScaler({ minAgents: min, maxAgents: max, ...options });
  return ({ at, runnable, busy, idle, starting, spawned, waitP95Ms, startMs }) => {
    const spawns = { succeeded: spawned, failed: 0 };
    const pool = { pool: "all", runnable, busy, idle, starting, waitP95Ms, startMs };
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

/**
 * Kubernetes' HPA on a utilisation of 0.7, each 15 s: tolerance 0.1, up by max(100%, 4), down to the largest of 300 s. Those
 * that are not ready are left out, and count as idle where more are asked for; what then turns the other way changes nothing.
 * Source: "Horizontal Pod Autoscaling" in the Kubernetes documentation, and the defaults of autoscaling/v2.
 */
export function hpa(): ScaleRule {
  let wishes: { at: number; agents: number }[] = [];
  return (seen) => {
    if (seen.at % 15 !== 0) return 0;
    const there = thereOf(seen);
    const wish = hpaWish(seen);
    wishes = [...wishes.filter(({ at }) => at > seen.at - 300), { at: seen.at, agents: wish }];
    const steady = wish < there ? Math.min(there, Math.max(...wishes.map(({ agents }) => agents))) : wish;
    return Math.min(max, Math.max(min, Math.min(steady, there + Math.max(there, 4)))) - there;
  };
}

function hpaWish(seen: Seen): number {
  const there = thereOf(seen);
  const ready = seen.busy + seen.idle;
  const ratioOf = (agents: number) => seen.busy / Math.max(1, agents) / 0.7;
  const [ratio, counted] = ratioOf(ready) > 1 ? [ratioOf(there), there] : [ratioOf(ready), ready];
  const turned = ratioOf(ready) > 1 && ratio < 1;
  return turned || Math.abs(ratio - 1) <= 0.1 ? there : Math.ceil(counted * ratio);
}

/**
 * Knative's KPA, each 2 s: concurrency over 60 s by a target of 0.7 an agent. Where that of 6 s asks for twice the agents
 * that are up it panics for 60 s, and then goes by the most that it asked for. Down it goes by half of them at a time.
 * Source: the defaults of config-autoscaler and "Additional autoscaling configuration" in the Knative documentation.
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
    const least = Math.floor((busy + idle) / 2);
    return Math.min(max, Math.max(min, wish, least)) - thereOf(now);
  };
}

/**
 * GitHub's Actions Runner Controller, each second: min + assigned, at most max. Its runners are ephemeral: each takes one
 * task and is gone, so that the next begins on a clean machine.
 * Source: "Deploying runner scale sets" and "Using ephemeral runners for autoscaling" in GitHub's documentation.
 */
export function arc(): ScaleRule {
  return Object.assign(keeping(), { oneTaskEach: true as const });
}

/** The same rule with runners that live on, which ARC does not have. Idle ones go at once. */
export function keeping(): ScaleRule {
  return (seen) => Math.min(max, min + seen.busy + seen.runnable) - thereOf(seen);
}

function thereOf({ busy, idle, starting }: Seen): number {
  return busy + idle + starting;
}
