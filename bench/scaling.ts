/** Waiting, agent-hours and spawns of scaling rules under one load, in virtual time: 4 h, bursts of 60, at most 50 agents. */
import { arc, hpa, kpa, ours, thresholds } from "../src/federation/scaling/rules.testing.ts";
import { type Outcome, type ScaleRule, simulate } from "../src/federation/scaling/simulation.testing.ts";
import { type Bench, type Figure, median } from "./harness.ts";

const others: Readonly<Record<string, () => ScaleRule>> = { thresholds, HPA: hpa, KPA: kpa, ARC: arc };
const plan = { scaleUpThreshold: 10, scaleDownThreshold: 0.2 };
const shown: readonly { name: string; unit: string; of: keyof Outcome }[] = [
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
    return shown.map(({ name, unit, of }): Figure => {
      const middle = (outcomes: readonly Outcome[]) => median(outcomes.map((outcome) => outcome[of]));
      const rest = beside.map((rule) => ({ name: rule.name, value: middle(rule.outcomes) }));
      return { name, value: middle(mine), unit, aim: null, beside: rest };
    });
  },
};
