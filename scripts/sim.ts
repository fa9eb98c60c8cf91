/**
 * `npm run sim -- [--seeds N] [--first N] [--threads N] [--json]`: plays N seeds, each a fleet of its own in a world that
 * fails, in as many threads as there are cores.
 * `npm run sim -- --seed N [--trace]`: plays one, with a line for each thing that happens.
 *
 * Ends with 1 when a promise is broken, or when a run of 500 seeds or more has not reached all that it should.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { systemClock } from "../src/lib/clock.ts";
import { describeFailure, describeScenario, minimise } from "../src/sim/minimise.ts";
import { Players, playAll, scenariosOf } from "../src/sim/players.ts";
import { scenarioOf } from "../src/sim/scenario.ts";
import { type Outcome, simulate } from "../src/sim/simulate.ts";

/** Fewer seeds may miss what is rare. */
const seedsForCoverage = 500;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    first: { type: "string", default: "1" },
    threads: { type: "string", default: String(availableParallelism()) },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

process.exit(values.seed === undefined ? await playMany() : await playOne(whole("seed", values.seed)));

async function playOne(seed: number): Promise<number> {
  const outcome = await simulate(scenarioOf(seed), values.trace ? { trace: (line) => say(line) } : {});
  if (values.json) say(JSON.stringify({ ...outcome, coverage: Object.fromEntries(outcome.coverage.counts) }));
  else say(describeFailure(outcome));
  if (outcome.failure && values.trace) say(outcome.failure.stack);
  return outcome.failure ? 1 : 0;
}

async function playMany(): Promise<number> {
  const [first, seeds] = [whole("first", values.first), whole("seeds", values.seeds)];
  const players = new Players(Math.max(1, Math.min(seeds, whole("threads", values.threads))));
  const start = systemClock.monotonic();
  const { failed, coverage, simulatedMs } = await playAll(scenariosOf(first, seeds, scenarioOf), players);
  await players.close();
  if (failed) return explain(failed);
  const seconds = (systemClock.monotonic() - start) / 1_000;
  const surprises = seeds < seedsForCoverage ? [] : coverage.surprises();
  const figures = {
    seeds,
    brokenPromises: 0,
    seedsPerSecond: round(seeds / seconds),
    simulatedHoursPerMinute: round(simulatedMs / 60_000 / seconds),
    reached: coverage.counts.size,
    surprises,
  };
  if (values.json) say(JSON.stringify({ ...figures, coverage: Object.fromEntries(coverage.counts) }));
  else tell(figures);
  return surprises.length > 0 ? 1 : 0;
}

function tell({ seeds, seedsPerSecond, simulatedHoursPerMinute, reached, surprises }: Record<string, unknown>): void {
  say(`${seeds} seeds, 0 broken promises`);
  say(
    `${seedsPerSecond} seeds/s, ${simulatedHoursPerMinute} simulated hours a minute, ${reached} faults, wishes and moves reached`,
  );
  for (const surprise of surprises as string[]) say(surprise);
}

/** The failure, and the least that it needs. */
async function explain(outcome: Outcome): Promise<number> {
  if (values.json) say(JSON.stringify({ seed: outcome.seed, failure: outcome.failure }));
  else say(describeFailure(outcome));
  if (!outcome.failure || values.json) return 1;
  say("\nThe least that breaks it:");
  say(describeScenario(await minimise(outcome.seed, outcome.failure.promise, () => ({}))));
  return 1;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`--${name} must be a whole number, got "${text}"`);
  process.exit(2);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
