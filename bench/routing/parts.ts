import { ConsecutiveBreaker, circuitBreaker, handleAll } from "cockatiel";
import HashRing from "hashring";
import Opossum from "opossum";
import { CircuitBreaker } from "../../src/federation/circuit-breaker.ts";
import { LoadBalancer } from "../../src/federation/load-balancer.ts";
import { ConsistentHashStrategy } from "../../src/federation/strategies/consistent-hash.ts";
import { seededRandom } from "../../src/lib/random.ts";
import { type BenchOptions, type Figure, median } from "../harness.ts";
import { BenchFleet, sessions } from "./fleet.ts";
import { medianAsyncNs, medianNs } from "./time.ts";

/** What decisions are made of, and the whole of one with health, breaker and clock. */
export async function partFigures(options: BenchOptions): Promise<Figure[]> {
  const ring = new BenchFleet(new ConsistentHashStrategy(), 10_000, options.seed);
  return [
    {
      ...figure(
        "sticky lookup, 10k agents",
        "ns",
        medianNs(() => ring.pick(), options),
        200,
      ),
      beside: [
        { name: "hashring", value: medianNs(hashringLookup(1), options) },
        { name: "hashring, from its cache", value: medianNs(hashringLookup(5_000), options) },
      ],
    },
    figure("ring: one agent joins, 10k agents", "ms", joinMs(options)),
    {
      ...figure("breaker: permit + success", "ns", medianNs(breakerCall(options), options), 50),
      beside: await besideBreaker(options),
    },
    figure("balancer: pick + release, 10k agents", "ns", medianNs(balancerCall(options), options)),
  ];
}

/** A newcomer, and the next lookup: neither waits for a new table. */
function joinMs({ seed, quick }: BenchOptions): number {
  const fleet = new BenchFleet(new ConsistentHashStrategy(), 10_000, seed);
  const times = Array.from({ length: quick ? 5 : 25 }, (_, i) => {
    const slot = fleet.pool.add(`newcomer-${i}`, 4, {});
    const start = performance.now();
    fleet.strategy.changed(slot, fleet.context);
    fleet.pick();
    return performance.now() - start;
  });
  return median(times);
}

function breakerCall({ seed }: BenchOptions): () => void {
  const breaker = new CircuitBreaker({}, seededRandom(seed));
  return () => {
    const permit = breaker.tryAcquire(0);
    if (permit !== undefined) breaker.recordSuccess(permit);
  };
}

/** It remembers the last answers: `cached` of them. */
function hashringLookup(cached: number): () => void {
  const servers = Array.from({ length: 10_000 }, (_, i) => `agent-${i}`);
  const ring = new HashRing(servers, "md5", { "max cache size": cached });
  let request = 0;
  return () => void ring.get(sessions[request++ & 1_023] ?? "");
}

/** Both wrap the call itself, which makes each a promise. */
async function besideBreaker(options: BenchOptions): Promise<Figure["beside"]> {
  const policy = circuitBreaker(handleAll, { breaker: new ConsecutiveBreaker(3), halfOpenAfter: 10_000 });
  const opossum = new Opossum(async () => 1, { timeout: false });
  const beside = [
    { name: "cockatiel", value: await medianAsyncNs(() => policy.execute(() => 1), options) },
    { name: "opossum", value: await medianAsyncNs(() => opossum.fire(), options) },
  ];
  opossum.shutdown();
  return beside;
}

function balancerCall({ seed }: BenchOptions): () => void {
  const balancer = new LoadBalancer({}, { random: seededRandom(seed) });
  for (let i = 0; i < 10_000; i++) balancer.addAgent({ id: `agent-${i}`, capacity: 4 });
  let request = 0;
  return () => void balancer.pick({ session: sessions[request++ & 1_023] })?.release("success");
}

function figure(name: string, unit: string, value: number, below?: number): Figure {
  return { name, value, unit, aim: below === undefined ? null : { below }, beside: [] };
}
