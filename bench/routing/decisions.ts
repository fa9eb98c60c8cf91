import { ConsistentHashStrategy } from "../../src/federation/strategies/consistent-hash.ts";
import { LeastConnectionsStrategy } from "../../src/federation/strategies/least-connections.ts";
import { PeakEwmaStrategy } from "../../src/federation/strategies/peak-ewma.ts";
import { PowerOfTwoStrategy } from "../../src/federation/strategies/power-of-two.ts";
import { RoundRobinStrategy } from "../../src/federation/strategies/round-robin.ts";
import type { Strategy } from "../../src/federation/strategies/strategy.ts";
import { WeightedStrategy } from "../../src/federation/strategies/weighted.ts";
import type { Aim, BenchOptions, Figure } from "../harness.ts";
import { filterMapSort, linearScan, tinyQueue } from "./beside.ts";
import { BenchFleet } from "./fleet.ts";
import { medianNs } from "./time.ts";

const strategies: readonly [name: string, make: () => Strategy][] = [
  ["round-robin", () => new RoundRobinStrategy()],
  ["power-of-two", () => new PowerOfTwoStrategy()],
  ["peak-ewma", () => new PeakEwmaStrategy()],
  ["weighted", () => new WeightedStrategy()],
  ["consistent-hash", () => new ConsistentHashStrategy()],
  ["least-connections", () => new LeastConnectionsStrategy()],
];

const sizes: readonly [label: string, count: number][] = [
  ["50", 50],
  ["1k", 1_000],
  ["10k", 10_000],
  ["100k", 100_000],
];

/** One decision, from pick to release, of each strategy in fleets of each size. */
export function decisionFigures(options: BenchOptions): Figure[] {
  return sizes.flatMap(([label, count]) => {
    const sorted = medianNs(filterMapSort(count), options);
    return strategies.map(([name, make]) => {
      const fleet = new BenchFleet(make(), count, options.seed);
      const isOwn = name === "least-connections";
      const beside = [{ name: "filter/map/sort", value: sorted }, ...(isOwn ? others(count, options) : [])];
      return {
        name: `${name}, ${label} agents: pick + reserve + release`,
        value: medianNs(() => fleet.takeAndRelease(), options),
        unit: "ns",
        aim: aimOf(name, count),
        beside,
      };
    });
  });
}

function others(count: number, options: BenchOptions): Figure["beside"] {
  return [
    { name: "linear scan", value: medianNs(linearScan(count), options) },
    { name: "tinyqueue", value: medianNs(tinyQueue(count), options) },
  ];
}

function aimOf(name: string, count: number): Aim | null {
  return name === "least-connections" && count === 10_000 ? { below: 300 } : null;
}
