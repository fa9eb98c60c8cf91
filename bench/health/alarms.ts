/**
 * Agents called unhealthy that were not: jitter, pauses up to 2 s, a host that lags, our own loop that stands still, and
 * work with silences of up to a minute and tools that run for minutes.
 */
import { HealthMonitor } from "../../src/federation/health-monitor.ts";
import { type Random, seededRandom } from "../../src/lib/random.ts";
import type { BenchOptions, Figure } from "../harness.ts";

const agents = 1_000;
const hosts = 20;
const sweepMs = 250;

export function alarmFigures({ quick, seed }: BenchOptions): Figure[] {
  const hours = quick ? 0.1 : 10;
  const { alarms, suspicions, odd } = run(seededRandom(seed), hours * 3_600_000);
  const name = `in ${agents * hours} agent-hours`;
  return [
    { name: `false alarms ${name}`, value: alarms, unit: "", aim: { below: 1 }, beside: [] },
    { name: `false suspicions ${name}`, value: suspicions, unit: "", aim: null, beside: [] },
    { name: `taken for slow or in a loop ${name}`, value: odd, unit: "", aim: { below: 1 }, beside: [] },
  ];
}

function run(random: Random, lastsMs: number): { alarms: number; suspicions: number; odd: number } {
  const monitor = new HealthMonitor({ sweepMs });
  const said = { alarms: 0, suspicions: 0, odd: 0 };
  monitor.on("unhealthy", () => void said.alarms++);
  monitor.on("suspect", () => void said.suspicions++);
  monitor.on("anomaly", (_, { signal }) => {
    if (signal === "speed" || signal === "loop") said.odd++;
  });
  const ids = Array.from({ length: agents }, (_, i) => `a${i}`);
  for (const [i, agent] of ids.entries()) {
    monitor.watch({ agent, source: `h${i % hosts}`, model: "m" }, 0);
    monitor.began(agent, 0);
  }
  const work = ids.map((agent) => new Worker(monitor, agent, random));
  // A host answers for all of its agents.
  const next = Float64Array.from({ length: hosts }, () => 1_000 * random.next());
  for (let at = 0; at < lastsMs; at += random.next() < 1e-4 ? 6_000 : sweepMs) {
    if (random.next() < 1e-3) pauseHost(next, Math.floor(random.next() * hosts), 2_000 * random.next());
    for (let host = 0; host < hosts; host++) {
      if ((next[host] ?? 0) > at) continue;
      for (let i = host; i < agents; i += hosts) monitor.heartbeat(ids[i] ?? "", at);
      next[host] = at + 900 + 200 * random.next() + (random.next() < 1e-3 ? 2_000 * random.next() : 0);
    }
    for (const worker of work) worker.until(at);
    monitor.sweep(at);
  }
  return said;
}

/** An agent that is well: answers, and then a tool that takes its time; each step is another. */
class Worker {
  readonly #monitor: HealthMonitor;
  readonly #agent: string;
  readonly #random: Random;
  #nextAt = 0;
  #steps = 0;

  constructor(monitor: HealthMonitor, agent: string, random: Random) {
    this.#monitor = monitor;
    this.#agent = agent;
    this.#random = random;
  }

  until(at: number): void {
    while (this.#nextAt <= at) this.#nextAt += this.#step(at);
  }

  /** How long it takes: mostly seconds, one time in a hundred up to a minute of thought or ten minutes of a tool. */
  #step(at: number): number {
    const rare = this.#random.next() < 0.01;
    const last = { action: `${this.#steps}`, outcome: "", failed: this.#random.next() < 0.05 };
    if (this.#steps++ % 2 === 1) {
      this.#monitor.toolEnded(this.#agent, last, at);
      return (rare ? 60_000 : 20_000) * this.#random.next();
    }
    const seconds = 5 + 10 * this.#random.next();
    this.#monitor.answered(this.#agent, { seconds, tokens: 500, totalTokens: 1_000, costUsd: 0.01 }, at);
    this.#monitor.toolStarted(this.#agent, at);
    return (rare ? 600_000 : 20_000) * this.#random.next();
  }
}

/** All agents of one host pause together, as in a collection of garbage. */
function pauseHost(next: Float64Array, host: number, pauseMs: number): void {
  next[host] = (next[host] ?? 0) + pauseMs;
}
