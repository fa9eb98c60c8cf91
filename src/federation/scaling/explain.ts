import type { FleetObservation, ScaleDecision, ScaleReason } from "./observation.ts";

const whys: Record<ScaleReason, (decision: ScaleDecision) => string> = {
  queue: ({ inputs }) =>
    `${inputs.runnable} tasks can run and ${inputs.idle + inputs.starting} agents are free or starting`,
  latency: ({ inputs }) => `${inputs.runnable} tasks can run and have waited too long`,
  forecast: () => "a forecast asks for more agents",
  minimum: ({ inputs }) => `${inputs.busy + inputs.idle + inputs.starting} agents are fewer than the minimum`,
  idle: ({ inputs }) => `${inputs.idle} agents idle, and for the whole idle time fewer were needed`,
  "over-max": () => "there are more agents than the maximum",
  "over-budget": ({ inputs }) =>
    `${usd(inputs.burnUsdPerHour)}/h is spent and ${usd(inputs.reservedUsd)} reserved: over the hourly budget`,
  "make-room": () => "another pool needs the places of these idle agents",
  "within-threshold": ({ inputs }) => `${inputs.runnable} waiting tasks are within the threshold`,
  "soon-free": ({ inputs }) =>
    `${inputs.runnable} tasks wait no longer for the ${inputs.busy} agents at work than a new one takes to start`,
  steady: ({ inputs }) => `${inputs.busy} busy, ${inputs.runnable} can run`,
  "max-agents": ({ wanted }) => `${wanted} agents are wanted; the maximum is reached`,
  budget: ({ inputs, wanted }) =>
    `${wanted} agents are wanted; the hourly budget carries no more at ${usd(inputs.costPerAgentHourUsd)} an agent-hour`,
  host: ({ wanted }) => `${wanted} agents are wanted; the hosts have no room`,
  "spawn-failures": ({ wanted }) => `${wanted} agents are wanted; too many spawns fail, so only one is tried at a time`,
  "spawn-rate": ({ wanted }) => `${wanted} agents are wanted; the spawn rate is used up`,
};

/** The decision in one sentence: what is done, and why. */
export function explain(decision: ScaleDecision): string {
  const { spawn, drain, desired, limitedBy, inputs } = decision;
  const done = [spawn > 0 ? `start ${spawn}` : "", drain > 0 ? `drain ${drain} idle` : ""].filter(Boolean);
  const held = limitedBy !== null && limitedBy !== decision.reason ? `; held back by ${limitedBy}` : "";
  const blocked = inputs.blocked > 0 ? `; ${inputs.blocked} more tasks wait for others` : "";
  return `${done.join(", ") || "keep"} (${desired}): ${whys[decision.reason](decision)}${held}${blocked}`;
}

/** The counts of all pools together. */
export function totalsOf({ pools }: FleetObservation) {
  const totals = { busy: 0, idle: 0, starting: 0, draining: 0, runnable: 0, blocked: 0 };
  for (const pool of pools) {
    totals.busy += pool.busy;
    totals.idle += pool.idle;
    totals.starting += pool.starting;
    totals.draining += pool.draining ?? 0;
    totals.runnable += pool.runnable;
    totals.blocked += pool.blocked ?? 0;
  }
  return totals;
}

function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
