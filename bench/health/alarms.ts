/** Agents called unhealthy that were not: jitter, pauses up to 2 s, a host that lags, and our own loop that stands still. */
import { HealthMonitor } from "../../src/federation/health-monitor.ts";
import { type Random, seededRandom } from "../../src/lib/random.ts";
import type { BenchOptions, Figure } from "../harness.ts";

const agents = 1_000;
const hosts = 20;
const sweepMs = 250;

export function alarmFigures({ quick, seed }: BenchOptions): Figure[] {
  const hours = quick ? 0.1 : 10;
  const { alarms, suspicions } = run(seededRandom(seed), hours * 3_600_000);
  const name = `in ${agents * hours} agent-hours`;
  return [
    { name: `false alarms ${name}`, value: alarms, unit: "", aim: { below: 1 }, beside: [] },
    { name: `false suspicions ${name}`, value: suspicions, unit: "", aim: null, beside: [] },
  ];
}

function run(random: Random, lastsMs: number): { alarms: number; suspicions: number } {
  const monitor = new HealthMonitor({ sweepMs });
  const said = { alarms: 0, suspicions: 0 };
  monitor.on("unhealthy", () => void said.alarms++);
  monitor.on("suspect", () => void said.suspicions++);
  const ids = Array.from({ length: agents }, (_, i) => `a${i}`);
  ids.forEach((agent, i) => void monitor.watch({ agent, source: `h${i % hosts}` }, 0));
  const next = Float64Array.from(ids, () => 1_000 * random.next());
  for (let at = 0; at < lastsMs; at += random.next() < 1e-4 ? 6_000 : sweepMs) {
    if (random.next() < 1e-3) pauseHost(next, Math.floor(random.next() * hosts), 2_000 * random.next());
    for (let i = 0; i < agents; i++) {
      if ((next[i] ?? 0) > at) continue;
      monitor.heartbeat(ids[i] ?? "", at);
      next[i] = at + 900 + 200 * random.next() + (random.next() < 1e-3 ? 2_000 * random.next() : 0);
    }
    monitor.sweep(at);
  }
  return said;
}

/** All agents of one host pause together, as in a collection of garbage. */
function pauseHost(next: Float64Array, host: number, pauseMs: number): void {
  for (let i = host; i < next.length; i += hosts) next[i] = (next[i] ?? 0) + pauseMs;
}
