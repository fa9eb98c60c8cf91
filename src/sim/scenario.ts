/** What will happen in one simulation: all of it follows from the seed, and a minimiser may take parts away. */
import { localNode } from "../api/node-supervisor.ts";
import type { EngineOptions } from "../engine/options.ts";
import type { HealthOptions } from "../federation/health/options.ts";
import { policyDefaults } from "../federation/policies.ts";
import type { NodeId } from "../model/records.ts";
import { type SimClaim, simClaims } from "./claims.ts";
import { Dice } from "./dice.ts";
import type { ProviderPlan } from "./provider.ts";
import { placesOf } from "./sharing.ts";
import { fleetBudget, scalerOf } from "./tuning.ts";
import { type Happening, type Wish, wishesOf } from "./wishes.ts";

export const faultKinds = [
  "engine-crash",
  "append-dies-before",
  "append-dies-after",
  "append-unknown-written",
  "append-unknown-lost",
  "engine-freeze",
  "engine-down",
  "engine-replaced",
  "node-crash",
  "node-freeze",
  "node-dies-in-open",
  "node-dies-in-adopt",
  "node-dies-in-commit",
  "node-dies-in-merge",
  "node-dies-in-release",
  "host-crash",
  "host-hang",
  "link-cut",
  "link-silent",
  "link-slow",
  "link-repeats",
  "stale-order",
  "clock-skew",
  "journal-full",
  "slow-fsync",
  "disk-full",
  "disk-low",
  "memory-low",
  "files-low",
  "node-crash-loop",
  "spawn-refused",
  "provider-down",
  "rate-limited",
  "quota-spent",
  "git-fails",
  "checked-out",
  "gate-hang",
  "model-refused",
  "agents-fail-to-start",
] as const;

export type FaultKind = (typeof faultKinds)[number];

export type Fault = Happening & { kind: FaultKind };

export interface TeamPlan {
  id: string;
  startMs: number;
  agents: number;
  /** Where below `max`, its size follows its work. */
  min: number;
  max: number;
  budgetUsd: number | null;
  gates: string[];
  /** Its plan comes with it, or a while after it, or never: planning fails. */
  planned: "with-it" | "later" | "never";
  /** The needs of each task are tasks before it. One that is poison kills every host that works on it. */
  tasks: {
    key: string;
    needs: string[];
    diff: "required" | "optional";
    budgetUsd: number | null;
    poison?: boolean;
    /** It takes many turns. */
    long?: boolean;
    /** Its agent may split it. */
    large?: boolean;
    files: SimClaim[];
  }[];
}

export interface Scenario {
  seed: number;
  /** How many nodes there are. */
  nodes: number;
  teams: TeamPlan[];
  faults: Fault[];
  wishes: Wish[];
  /** When the last fault is over. */
  calmMs: number;
  provider: ProviderPlan;
  engine: Pick<EngineOptions, EngineOption>;
}

type EngineOption =
  | "policies"
  | "snapshotEvery"
  | "attemptDeadlineMs"
  | "maxFailures"
  | "maxConflicts"
  | "maxLosses"
  | "archiveAfterMs"
  | "maxEndedTasks"
  | "maxResumes";

export function scenarioOf(seed: number): Scenario {
  const dice = new Dice(seed, "scenario");
  // Faults and wishes fall within this time.
  const stormMs = dice.pick([2, 4, 8, 15]) * 60_000;
  const nodes = new Dice(seed, "nodes").pick([1, 1, 1, 2, 3, 4]);
  const teams = Array.from({ length: dice.chance(0.4) ? 2 : 1 }, (_, i) =>
    shared(nodes, claiming(seed, withLarge(seed, poisoned(seed, teamOf(dice, i))))),
  );
  // A few kinds at a time, so that each seed is about something.
  const kinds = faultKinds.filter(() => dice.chance(0.3));
  const count = dice.whole(2, 20);
  const faults = Array.from({ length: kinds.length === 0 ? 0 : count }, (): Fault => {
    const kind = kinds[dice.whole(0, kinds.length - 1)] ?? "engine-crash";
    return { kind, atMs: dice.between(0, stormMs), roll: dice.next() };
  });
  const wishes = wishesOf(seed, dice, stormMs);
  return {
    seed,
    nodes,
    teams,
    faults: [...faults, ...stormsOf(seed, stormMs)].toSorted((a, b) => a.atMs - b.atMs),
    wishes: wishes.toSorted((a, b) => a.atMs - b.atMs),
    calmMs: stormMs + 2 * 60_000,
    provider: providerOf(seed),
    engine: {
      snapshotEvery: dice.pick([20, 100, 1_000]),
      attemptDeadlineMs: dice.pick([60_000, 5 * 60_000, 30 * 60_000]),
      maxFailures: dice.whole(1, 3),
      maxConflicts: dice.pick([1, 1, 2, 5]),
      maxLosses: dice.whole(3, 6),
      policies: {
        ...policyDefaults,
        budget: fleetBudget(seed),
        resources: placesOf(seed),
        scaler: { ...scalerOf(seed), spawnBurst: dice.pick([3, 50]), spawnsPerSecond: 1 },
        health: { ...policyDefaults.health, ...dice.pick(patience) },
      },
      maxResumes: dice.whole(0, 3),
      archiveAfterMs: dice.pick([0, 1_000, 60_000, 10 * 60_000]),
      maxEndedTasks: dice.pick([0, 10, 10_000]),
    },
  };
}

/** In one scenario of three others use the same accounts up, now and then. */
function stormsOf(seed: number, stormMs: number): Fault[] {
  const dice = new Dice(seed, "rate limits");
  const count = dice.chance(0.33) ? dice.whole(2, 6) : 0;
  return Array.from({ length: count }, () => ({
    kind: "rate-limited",
    atMs: dice.between(0, stormMs),
    roll: dice.next(),
  }));
}

export function nodesOf({ nodes }: Pick<Scenario, "nodes">): NodeId[] {
  return Array.from({ length: nodes }, (_, i) => (i === 0 ? localNode : `n${i + 1}`));
}

/** Of most a fleet never meets the limits, but for faults. */
function providerOf(seed: number): ProviderPlan {
  const dice = new Dice(seed, "provider");
  return {
    requestsPerMinute: dice.pick([6_000, 6_000, 120, 30]),
    says: dice.pick(["openai", "anthropic", "bare", "mute"]),
    accounts: dice.pick([1, 1, 2]),
    told: dice.chance(0.5),
  };
}

/** One team in five has a task that kills its hosts. */
function withLarge(seed: number, team: TeamPlan): TeamPlan {
  const dice = new Dice(seed, `large tasks of ${team.id}`);
  if (!dice.chance(0.3)) return team;
  return { ...team, tasks: team.tasks.map((task) => (dice.chance(0.3) ? { ...task, large: true } : task)) };
}

/** The budget of one task is known to one node alone: another that goes on with it hears late what was spent of it. */
function shared(nodes: number, team: TeamPlan): TeamPlan {
  if (nodes === 1) return team;
  return { ...team, tasks: team.tasks.map((task) => ({ ...task, budgetUsd: null })) };
}

/** In some scenarios tasks claim files, and in some of those most tasks do. */
function claiming(seed: number, team: TeamPlan): TeamPlan {
  const chance = new Dice(seed, "claims").pick([0, 0.1, 0.3]);
  const dice = new Dice(seed, `claims of ${team.id}`);
  const tasks = team.tasks.map((task) => ({ ...task, files: simClaims.filter(() => dice.chance(chance)) }));
  return { ...team, tasks };
}

function poisoned(seed: number, team: TeamPlan): TeamPlan {
  const dice = new Dice(seed, `poison of ${team.id}`);
  const victim = dice.whole(0, 5 * team.tasks.length - 1);
  return { ...team, tasks: team.tasks.map((task, i) => (i === victim ? { ...task, poison: true } : task)) };
}

function sizeOf(dice: Dice): Pick<TeamPlan, "agents" | "min" | "max"> {
  const agents = dice.whole(1, 8);
  return dice.chance(0.3) ? { agents, min: dice.whole(0, agents), max: agents + dice.whole(1, 8) } : fixedSize(agents);
}

export function fixedSize(agents: number): Pick<TeamPlan, "agents" | "min" | "max"> {
  return { agents, min: agents, max: agents };
}

type Patience = Pick<HealthOptions, "stallSuspectMs" | "stallMs">;

/** Silence before an agent is suspect and before its attempt is given up: longer and shorter than its deadline. */
const patience: readonly [Patience, ...Patience[]] = [
  { stallSuspectMs: 20_000, stallMs: 45_000 },
  { stallSuspectMs: 120_000, stallMs: 300_000 },
];

function teamOf(dice: Dice, index: number): TeamPlan {
  const count = dice.whole(1, 16);
  const keys = Array.from({ length: count }, (_, i) => `k${i}`);
  const density = dice.between(0, 0.3);
  const tasks = keys.map((key, i) => ({
    key,
    needs: keys.slice(0, i).filter(() => dice.chance(density)),
    diff: dice.chance(0.1) ? ("optional" as const) : ("required" as const),
    budgetUsd: dice.chance(0.1) ? dice.between(0.01, 0.5) : null,
    files: [],
  }));
  return {
    id: `t${index + 1}`,
    startMs: dice.between(0, 60_000),
    ...sizeOf(dice),
    budgetUsd: dice.chance(0.25) ? dice.between(0.05, 2) : null,
    gates: dice.chance(0.8) ? ["gate"] : [],
    planned: dice.pick(["with-it", "with-it", "with-it", "with-it", "with-it", "later", "later", "never"]),
    tasks,
  };
}
