/** What one pass over all agents costs, in real time: all well, and with one in a hundred found ill. */
import { HealthMonitor } from "../../src/federation/health-monitor.ts";
import { type BenchOptions, type Figure, median, quantile } from "../harness.ts";

const sizes = [50, 1_000, 10_000];
const roundMs = 60_000;

export function sweepFigures({ quick }: BenchOptions): Figure[] {
  const rounds = quick ? 500 : 5_000;
  return sizes.flatMap((agents) => {
    const aim = agents === 10_000 ? { below: 2 } : null;
    const quiet = timeSweeps(agents, 0, rounds);
    const ill = timeSweeps(agents, Math.ceil(agents / 100), rounds / 5);
    const beside = [{ name: "a loop over objects", value: quantile(timeNaive(agents, rounds), 0.99) }];
    const name = `sweep of ${agents} agents`;
    return [
      { name: `${name}, all well, p50`, value: median(quiet), unit: "ms", aim: null, beside: [] },
      { name: `${name}, all well, p99`, value: quantile(quiet, 0.99), unit: "ms", aim, beside },
      { name: `${name}, 1% found ill, p50`, value: median(ill), unit: "ms", aim: null, beside: [] },
      { name: `${name}, 1% found ill, p99`, value: quantile(ill, 0.99), unit: "ms", aim, beside: [] },
    ];
  });
}

/**
 * Rounds a minute apart, so that nobody who was silent for all of one can be taken for slow. In each, all are heard at its
 * start and all but `silent` at its end; the sweep, which alone is timed, finds those.
 */
function timeSweeps(agents: number, silent: number, rounds: number): number[] {
  const monitor = new HealthMonitor({ sweepMs: roundMs });
  const ids = Array.from({ length: agents }, (_, i) => `agent-${i}`);
  for (const id of ids) monitor.watch({ agent: id, model: "m", source: `host-${id.at(-1)}` }, 0);
  return Array.from({ length: rounds }, (_, round) => {
    const at = (round + 1) * roundMs;
    for (const id of ids.slice(0, silent)) monitor.heartbeat(id, at - roundMs + 1);
    for (const id of ids.slice(silent)) monitor.heartbeat(id, at - 100);
    const start = performance.now();
    const found = monitor.sweep(at).length;
    const took = performance.now() - start;
    return found === silent ? took : Number.NaN;
  });
}

/** What is usual: a map of objects, and the age of each compared. */
function timeNaive(agents: number, rounds: number): number[] {
  const seen = new Map(Array.from({ length: agents }, (_, i) => [`agent-${i}`, { id: `agent-${i}`, at: 0 }]));
  return Array.from({ length: rounds }, (_, round) => {
    const start = performance.now();
    const late = [...seen.values()].filter(({ at }) => round - at > rounds);
    const took = performance.now() - start;
    return late.length === 0 ? took : Number.NaN;
  });
}
