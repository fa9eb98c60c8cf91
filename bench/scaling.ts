/** Waiting, agent-hours and spawns of scaling rules under one load, in virtual time: 4 h, bursts of 60, at most 50 agents. */

import { fewestSpawns } from "../src/federation/scaling/hindsight.testing.ts";
import { arc, hpa, kpa, ours, thresholds } from "../src/federation/scaling/rules.testing.ts";
import { type Outcome, type ScaleRule, simulate, startUpS } from "../src/federation/scaling/simulation.testing.ts";
import { type Bench, type Figure, median } from "./harness.ts";

const others: Readonly<Record<string, () => ScaleRule>> = { thresholds, HPA: hpa, KPA: kpa, ARC: arc };
const plan = { scaleUpThreshold: 10, scaleDownThreshold: 0.2 };
const shown: readonly { name: string; unit: string; of: "waitP95S" | "agentHours" | "spawns" }[] = [
  { name: "queue wait p95", unit: "s", of: "waitP95S" },
  { name: "agent-hours", unit: "h", of: "agentHours" },
  { name: "spawns", unit: "", of: "spawns" },
];

export const bench: Bench = {
  name: "scaling",
  about:
    "the autoscaler beside thresholds, HPA, KPA and ARC under bursts: waiting, agent-hours, spawns (medians of seeds)",
  async run({ quick, seed }) {
    const seeds = Array.from({ length: quick ? 3 : 31 }, (_, i) => seed + i);
    const run = (rule: () => ScaleRule) => seeds.map((each) => simulate(rule(), each));
    const mine = run(() => ours());
    const theirs = Object.entries(others).map(([name, rule]) => ({ name, outcomes: run(rule) }));
    const beside = [{ name: "with the plan's thresholds", outcomes: run(() => ours(plan)) }, ...theirs];
    const figures = shown.map(({ name, unit, of }): Figure => {
      const middle = (outcomes: readonly Outcome[]) => median(outcomes.map((outcome) => outcome[of]));
      const rest = beside.map((rule) => ({ name: rule.name, value: middle(rule.outcomes) }));
      return { name, value: middle(mine), unit, aim: null, beside: rest };
    });
    return [...figures, lost(figures), ...bounds({ mine, allKnowing: allKnowing(run, mine), arcs: run(arc) })];
  },
};

/** In how many of waiting, agent-hours and spawns ours is worse than HPA, KPA and ARC. */
function lost(figures: readonly Figure[]): Figure {
  const comparisons = figures.flatMap(({ value, beside }) =>
    beside.filter(({ name }) => ["HPA", "KPA", "ARC"].includes(name)).map((other) => value > other.value),
  );
  const value = comparisons.filter(Boolean).length;
  return {
    name: `worse than HPA, KPA or ARC, of ${comparisons.length}`,
    value,
    unit: "",
    aim: { below: 1 },
    beside: [],
  };
}

interface Bounds {
  mine: readonly Outcome[];
  allKnowing: readonly Outcome[];
  arcs: readonly Outcome[];
}

/** The fewest spawns that are possible with no more agent-hours than ARC's, by rules that know all that will come. */
function bounds({ mine, allKnowing, arcs }: Bounds): Figure[] {
  const least = (outcomes: readonly Outcome[]) =>
    median(outcomes.map(({ busy }, i) => fewestSpawns(busy, { agentHours: arcs[i]?.agentHours ?? 0, startUpS })));
  const name = "fewest spawns in hindsight, with ARC's agent-hours, tasks started";
  return [
    { name: `${name} as by ours`, value: least(mine), unit: "", aim: null, beside: [] },
    { name: `${name} by agents up before each burst`, value: least(allKnowing), unit: "", aim: null, beside: [] },
  ];
}

/** As tasks are started by the smallest fleet that is always there and waits no longer than `mine`. */
function allKnowing(run: (rule: () => ScaleRule) => Outcome[], mine: readonly Outcome[]): Outcome[] {
  const wait = (outcomes: readonly Outcome[]) => median(outcomes.map(({ waitP95S }) => waitP95S));
  for (let agents = 30; agents < 50; agents++) {
    const outcomes = run(() => fixed(agents));
    if (wait(outcomes) <= wait(mine)) return outcomes;
  }
  return run(() => fixed(50));
}

function fixed(agents: number): ScaleRule {
  return ({ busy, idle, starting }) => agents - busy - idle - starting;
}
