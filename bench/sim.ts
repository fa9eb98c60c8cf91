import { engineDefaults } from "../src/engine/options.ts";
import { policyDefaults } from "../src/federation/policies.ts";
import { assert } from "../src/lib/assert.ts";
import { Dice } from "../src/sim/dice.ts";
import { Players } from "../src/sim/players.ts";
import { type Fault, type FaultKind, faultKinds, type Scenario, scenarioOf } from "../src/sim/scenario.ts";
import type { Outcome } from "../src/sim/simulate.ts";
import type { Bench, Figure } from "./harness.ts";

const aimHoursPerMinute = 100;
const agents = 50;
/** One fault every ten minutes, as a bad week would have it. */
const faultEveryMs = 600_000;
const msPerHour = 3_600_000;
/** Those that may end a team, which is then not busy any more. */
const ending: readonly FaultKind[] = ["model-refused", "agents-fail-to-start"];
const kinds = faultKinds.filter((kind) => !ending.includes(kind));

/**
 * Fleets of 50 busy agents in worlds that fail, with every promise checked, one for each core at once: how much of a
 * fleet's time passes in a minute of the machine. Turns take 15 s on average, of which a quarter is the model's.
 */
export const bench: Bench = {
  name: "sim",
  about: "simulated hours of fleets of 50 busy agents, every promise checked, in a real minute",
  async run({ quick, seed }) {
    const players = new Players();
    // Compiled by the time that it counts.
    await playAtOnce(players, (i) => scenarioOf(seed + i));
    const figures: Figure[] = [];
    for (const { name, long, tasks, aim } of [
      {
        name: "10 to 30 turns an attempt",
        long: true,
        tasks: quick ? 1_000 : 5_000,
        aim: { above: aimHoursPerMinute },
      },
      { name: "1 to 6 turns an attempt", long: false, tasks: quick ? 1_000 : 5_000, aim: null },
    ]) {
      figures.push({
        ...(await measure(players, (i) => busyFleet(seed + i, tasks, long))),
        name: `simulated hours a minute, ${name}`,
        aim,
      });
    }
    await players.close();
    return figures;
  },
};

function playAtOnce(players: Players, scenario: (i: number) => Scenario): Promise<Outcome[]> {
  return Promise.all(Array.from({ length: players.count }, (_, i) => players.play(scenario(i))));
}

async function measure(players: Players, scenario: (i: number) => Scenario): Promise<Omit<Figure, "name" | "aim">> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const outcomes = await playAtOnce(players, scenario);
  const minutes = (performance.now() - start) / 60_000;
  const { user, system } = process.cpuUsage(cpu);
  for (const { seed, failure } of outcomes)
    assert(failure === null, `seed ${seed}: ${failure?.promise}: ${failure?.seen}`);
  const sum = (part: (outcome: Outcome) => number) => outcomes.reduce((all, outcome) => all + part(outcome), 0);
  // A fleet whose team is over costs next to nothing, and would count as if it were at work.
  const hours = sum(({ workedMs }) => workedMs) / msPerHour;
  return {
    value: hours / minutes,
    unit: "h/min",
    beside: [
      { name: "a minute of processor time", value: hours / ((user + system) / 60e6) },
      { name: "steps/s", value: sum(({ steps }) => steps) / (minutes * 60) },
      { name: "hours in all", value: hours },
      { name: "fleets at once", value: players.count },
    ],
  };
}

function busyFleet(seed: number, count: number, long: boolean): Scenario {
  const dice = new Dice(seed, "busy fleet");
  const tasks = Array.from({ length: count }, (_, i) => ({
    key: `k${i}`,
    // Chains as long as a plan has them, and so many that all agents always find work.
    needs: i >= 2 * agents && i % 3 === 0 ? [`k${i - 2 * agents}`] : [],
    diff: "required" as const,
    budgetUsd: null,
    files: [],
    long,
  }));
  const hours = (count * (long ? 0.09 : 0.025)) / agents;
  const faults = Array.from({ length: Math.floor((hours * msPerHour) / faultEveryMs) }, (_, i): Fault => {
    const kind = kinds[dice.whole(0, kinds.length - 1)] ?? "engine-crash";
    return { kind, atMs: (i + dice.next()) * faultEveryMs, roll: dice.next() };
  });
  const team = { id: "t1", startMs: 0, agents, min: agents, max: agents, budgetUsd: null, gates: ["gate"], tasks };
  return {
    seed,
    nodes: 1,
    teams: [{ ...team, planned: "with-it" }],
    faults,
    wishes: [],
    calmMs: hours * msPerHour,
    provider: { requestsPerMinute: 6_000, says: "openai", accounts: 1, told: false },
    // As they are shipped: what a seed draws would make it another fleet.
    engine: { ...engineDefaults, policies: policyDefaults },
  };
}
