/** From the instant at which an agent stops (SIGSTOP: no end, only silence), or gets on no more, to the report, in virtual time. */
import { HealthMonitor } from "../../src/federation/health-monitor.ts";
import { seededRandom } from "../../src/lib/random.ts";
import { type BenchOptions, type Figure, quantile } from "../harness.ts";

const sweepMs = 250;
const pollMs = 5_000;

export function noticeFigures({ quick, seed }: BenchOptions): Figure[] {
  const random = seededRandom(seed);
  const stops = Array.from({ length: quick ? 200 : 2_000 }, () => noticed(random.next));
  const suspect = quantile(
    stops.map((stop) => stop.suspect),
    0.99,
  );
  const unhealthy = quantile(
    stops.map((stop) => stop.unhealthy),
    0.99,
  );
  const polled = quantile(
    stops.map((stop) => stop.polled),
    0.99,
  );
  const beside = [{ name: "a poll each 5 s", value: polled }];
  return [
    { name: "stopped agent suspect, p99", value: suspect, unit: "ms", aim: { below: 4_000 }, beside },
    { name: "stopped agent unhealthy, p99", value: unhealthy, unit: "ms", aim: null, beside },
    stallFigure(stops.length, random.next),
  ];
}

/** How much later than was configured, of agents that live and make no progress from some instant on. */
function stallFigure(count: number, next: () => number): Figure {
  const late = Array.from({ length: count }, () => stalled(next));
  const beside = [{ name: "a poll each 5 s", value: 0.99 * pollMs }];
  const name = "agent without progress suspect, past what is configured, p99";
  return { name, value: quantile(late, 0.99), unit: "ms", aim: { below: 500 }, beside };
}

function stalled(next: () => number): number {
  const monitor = new HealthMonitor({ sweepMs });
  const { stallSuspectMs } = monitor.options;
  let suspectAt = 0;
  monitor.on("suspect", (_, __, at) => {
    suspectAt = at;
  });
  monitor.watch({ agent: "a" }, 0);
  monitor.began("a", 0);
  const lastAt = 10_000 * next();
  monitor.progress("a", lastAt);
  let beatAt = lastAt;
  for (let at = lastAt + sweepMs * next(); suspectAt === 0; at += sweepMs) {
    for (; beatAt <= at; beatAt += 1_000) monitor.heartbeat("a", beatAt);
    monitor.sweep(at);
  }
  return suspectAt - lastAt - stallSuspectMs;
}

/** Heartbeats each second, late by up to 100 ms; the stop comes at any instant after the 30th second. */
function noticed(next: () => number): { suspect: number; unhealthy: number; polled: number } {
  const monitor = new HealthMonitor({ sweepMs });
  const found = { suspect: 0, unhealthy: 0, polled: 0 };
  const stopAt = 30_000 + 1_000 * next();
  for (const type of ["suspect", "unhealthy"] as const) {
    monitor.on(type, (_, __, at) => {
      found[type] = at - stopAt;
    });
  }
  monitor.watch({ agent: "a" }, 0);
  let beatAt = 1_000 * next();
  let last = 0;
  for (let at = sweepMs * next(); found.unhealthy === 0; at += sweepMs) {
    for (; beatAt <= Math.min(at, stopAt); beatAt += 1_000 + 100 * (next() - 0.5)) {
      monitor.heartbeat("a", beatAt);
      last = beatAt;
    }
    monitor.sweep(at);
  }
  // A poll calls it dead when it has seen nothing for one interval; it comes at any phase.
  found.polled = last + pollMs + pollMs * next() - stopAt;
  return found;
}
