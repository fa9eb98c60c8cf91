/**
 * The cascade replayed on a public table: what it would have paid for each exercise that passed.
 *
 * The table has a pass rate and a cost for each model, and nothing of single exercises. So two worlds bound what is
 * between them: `nested`, where whatever a weaker model passes a stronger one passes too (the worst case: to try a weaker
 * one first never wins an exercise), and `independent`. Every try of a model is taken to cost its mean. The cascade knows
 * nothing at the start: what it pays while it learns is in its figures.
 */
import { type CascadeContext, chooseTier, type Records, recorded } from "../src/federation/cascade.ts";
import { type Random, seededRandom } from "../src/lib/random.ts";
import { exercises, type Model, models } from "./cascade/table.ts";
import { type Bench, type Figure, median } from "./harness.ts";

const passesOf = {
  /** An exercise is as hard for all: one number says who passes it. */
  nested: (random: Random) => {
    const hardness = random.next();
    return ({ passRate }: Model) => hardness < passRate;
  },
  independent: (random: Random) => {
    return ({ passRate }: Model) => random.next() < passRate;
  },
};
type World = keyof typeof passesOf;

interface Outcome {
  usd: number;
  passed: number;
  /** Passed by the best model alone, in the same world. */
  bestPassed: number;
}

export const bench: Bench = {
  name: "cascade",
  about: `\`--model auto\` replayed on the aider polyglot leaderboard (Aider-AI/aider, Apache-2.0, May 2026; ${exercises} exercises)`,
  async run({ quick, seed }) {
    const seeds = Array.from({ length: quick ? 20 : 200 }, (_, i) => seed + i);
    return (["nested", "independent"] as const).flatMap((world) => figures(world, seeds));
  },
};

function figures(world: World, seeds: readonly number[]): Figure[] {
  const outcomes = seeds.map((seed) => replay(world, seed));
  const best = models.reduce((a, b) => (b.passRate > a.passRate ? b : a));
  const rate = (of: (outcome: Outcome) => number) => (median(outcomes.map(of)) / exercises) * 100;
  const passRate = rate(({ passed }) => passed);
  const aim = perPass(best);
  return [
    {
      name: `${world}: pass rate, beside the best single model in the same draws`,
      value: passRate,
      unit: "%",
      aim: { above: rate(({ bestPassed }) => bestPassed) - 1e-9 },
      beside: [{ name: best.name, value: best.passRate * 100 }],
    },
    {
      name: `${world}: cost per passed exercise, beside the cheapest single model with no lower pass rate`,
      value: median(outcomes.map(({ usd, passed }) => usd / passed)),
      unit: "USD",
      aim: { below: aim },
      beside: models.map((model) => ({
        name: `${model.name} (${(model.passRate * 100).toFixed(1)}%)`,
        value: perPass(model),
      })),
    },
  ];
}

function perPass({ totalUsd, passRate }: Model): number {
  return totalUsd / (exercises * passRate);
}

/** One run through all exercises, learning on the way. */
function replay(world: World, seed: number): Outcome {
  const random = seededRandom(seed);
  const dice = seededRandom(seed + 1_000_003);
  const tiers = models.map(({ name, totalUsd }) => ({ name, model: name, costUsd: totalUsd / exercises }));
  const outcome = { usd: 0, passed: 0, bestPassed: 0 };
  let records: Records = {};
  for (let exercise = 0; exercise < exercises; exercise++) {
    const passes = passesOf[world](dice);
    const best = models.at(-1);
    if (best && passes(best)) outcome.bestPassed++;
    records = solve({ tiers, passes, outcome }, { at: 0, random, records });
  }
  return outcome;
}

interface Exercise {
  tiers: { name: string; model: string; costUsd: number }[];
  passes(model: Model): boolean;
  outcome: Outcome;
}

/** Up the tiers until one passes, or the last has failed. */
function solve({ tiers, passes, outcome }: Exercise, context: CascadeContext): Records {
  const failed: number[] = [];
  let { records } = context;
  for (;;) {
    const { tier } = chooseTier(
      { tiers, skill: "", failed, leftUsd: Number.POSITIVE_INFINITY },
      { ...context, records },
    );
    const model = models[tier];
    if (!model) return records;
    outcome.usd += model.totalUsd / exercises;
    const passed = passes(model);
    records = recorded(records, { tier: model.name, skill: "", retried: failed.length > 0, passed }, { at: 0 });
    if (passed) outcome.passed++;
    failed.push(tier);
    if (passed || tier === models.length - 1) return records;
  }
}
