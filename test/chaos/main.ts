/**
 * `npm run chaos -- [--scenario NAME] [--minutes N] [--agents N] [--every SECONDS] [--seed N] [--keep] [--json]`
 *
 * Real: engine, node, hosts, pi agents, their tools and commands, git, gates, merges, and every kill. Scripted: the model,
 * which follows the rules of `--model demo` but takes its time, and a wait in the check that each agent runs.
 */
import { parseArgs } from "node:util";
import { engineKills } from "./engine-kills.testing.ts";
import { type Outcome, type StormOptions, storm } from "./storm.testing.ts";
import { fullDisk, hungGate, scaleCycles } from "./troubles.testing.ts";

interface Scenario {
  about: string;
  /** What is asked for where nothing else is. */
  usual: { minutes: number; agents: number; every: number };
  run(options: StormOptions): Promise<Outcome>;
}

const scenarios: Record<string, Scenario> = {
  storm: {
    about: "random kills and stops of engine, node, hosts, commands and git, and git's locks left behind",
    usual: { minutes: 30, agents: 50, every: 5 },
    run: storm,
  },
  stress: {
    about: "the same with 100 agents",
    usual: { minutes: 10, agents: 100, every: 10 },
    run: storm,
  },
  calm: {
    about: "nothing is killed: 50 agents at work",
    usual: { minutes: 10, agents: 50, every: Number.POSITIVE_INFINITY },
    run: storm,
  },
  "engine-kills": {
    about: "100 kills of the engine while 50 agents work and people hand in more",
    usual: { minutes: 0, agents: 50, every: 1 },
    run: (options) => engineKills({ ...options, kills: 100, thinkMs: 300, checkS: 0.5 }),
  },
  "git-trouble": {
    about: "gits that are killed, and locks that they leave behind",
    usual: { minutes: 3, agents: 20, every: 0.5 },
    run: (options) => storm({ ...options, kinds: ["kill git", "leave lock"] }),
  },
  "hung-gate": {
    about: "a gate that never ends",
    usual: { minutes: 0, agents: 10, every: 1 },
    run: hungGate,
  },
  scale: {
    about: "up and down between 1 and 50 agents",
    usual: { minutes: 5, agents: 50, every: 5 },
    run: scaleCycles,
  },
  "full-disk": {
    about: "the disk of GODEL_HOME fills up and empties",
    usual: { minutes: 2, agents: 10, every: 15 },
    run: fullDisk,
  },
};

const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "storm" },
    minutes: { type: "string" },
    agents: { type: "string" },
    every: { type: "string" },
    seed: { type: "string", default: `${Math.floor(Math.random() * 1e6)}` },
    keep: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const say = (line: string) => void process.stderr.write(`${line}\n`);
const scenario = scenarios[values.scenario];
if (scenario === undefined) {
  for (const [name, { about }] of Object.entries(scenarios)) say(`${name.padEnd(14)}${about}`);
  process.exit(2);
}
const wanted = (name: "minutes" | "agents" | "every") => Number(values[name] ?? scenario.usual[name]);
const [seed, agents] = [Number(values.seed), wanted("agents")];
say(`${values.scenario}, seed ${seed}: ${scenario.about}`);
const { broken, figures } = await scenario.run({
  seed,
  agents,
  durationMs: wanted("minutes") * 60_000,
  everyMs: wanted("every") * 1_000,
  // Most stops end before anybody notices; the longest are beyond what a node or a host is given.
  longestHoldMs: 45_000,
  modules: 4 * agents,
  // What was under way when its node is killed counts as its worst case: with a kill every 5 s that is most of what is spent.
  budgetUsd: agents,
  thinkMs: 800,
  checkS: 3,
  keep: values.keep,
  say,
});
if (values.json) process.stdout.write(`${JSON.stringify({ scenario: values.scenario, seed, figures, broken })}\n`);
else tell();
process.exit(broken.length > 0 ? 1 : 0);

function tell(): void {
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`  ${name.padEnd(16)}${value}\n`);
  for (const promise of broken) process.stdout.write(`BROKEN: ${promise}\n`);
  process.stdout.write(`${broken.length} broken promises (${values.scenario}, seed ${seed})\n`);
}
