import { type Fault, fixedSize, type Scenario, scenarioOf, type TeamPlan } from "./scenario.ts";
import { type Outcome, type SimulationOptions, simulate } from "./simulate.ts";
import type { Wish } from "./wishes.ts";

/** Parts that can be taken away; what is left is what the failure needs. */
interface Cut {
  nodes: number;
  teams: TeamPlan[];
  faults: Fault[];
  wishes: Wish[];
}

/** A smaller scenario that breaks the same promise: without each fault, wish, team, task and agent that it can do without. */
export async function minimise(seed: number, promise: string, options: () => SimulationOptions): Promise<Scenario> {
  const fails = async (scenario: Scenario) => (await simulate(scenario, options())).failure?.promise === promise;
  let best = scenarioOf(seed);
  for (let smaller = await shrink(best, fails); smaller; smaller = await shrink(best, fails)) best = smaller;
  return best;
}

/** The first smaller one that still fails. Halves before single ones: most parts do not matter. */
async function shrink(
  scenario: Scenario,
  fails: (scenario: Scenario) => Promise<boolean>,
): Promise<Scenario | undefined> {
  for (const cut of cuts(scenario)) {
    const smaller = { ...scenario, ...cut };
    if (await fails(smaller)) return smaller;
  }
  return undefined;
}

function* cuts({ nodes, teams, faults, wishes }: Cut): Generator<Partial<Cut>> {
  if (nodes > 1) yield { nodes: 1 };
  if (nodes > 2) yield { nodes: nodes - 1 };
  for (const fewer of without(faults)) yield { faults: fewer };
  for (const fewer of without(wishes)) yield { wishes: fewer };
  if (teams.length > 1) for (const fewer of without(teams)) yield { teams: fewer };
  for (const [i, team] of teams.entries()) {
    const changed = (part: Partial<TeamPlan>) => ({ teams: teams.with(i, { ...team, ...part }) });
    for (const [j, task] of team.tasks.entries()) {
      if (task.files.length > 0) yield changed({ tasks: team.tasks.with(j, { ...task, files: [] }) });
    }
    for (const tasks of without(team.tasks)) if (tasks.length > 0) yield changed({ tasks: closed(tasks) });
    if (team.min < team.max) yield changed(fixedSize(team.agents));
    else if (team.agents > 1) {
      yield changed(fixedSize(Math.ceil(team.agents / 2)));
      yield changed(fixedSize(team.agents - 1));
    }
  }
}

function* without<T>(items: readonly T[]): Generator<T[]> {
  if (items.length > 2) {
    const half = items.length >>> 1;
    yield items.slice(half);
    yield items.slice(0, half);
  }
  for (let i = 0; i < items.length; i++) yield items.toSpliced(i, 1);
}

/** Needs that are gone are needed no more. */
function closed(tasks: TeamPlan["tasks"]): TeamPlan["tasks"] {
  const keys = new Set(tasks.map(({ key }) => key));
  return tasks.map((task) => ({ ...task, needs: task.needs.filter((need) => keys.has(need)) }));
}

/** A scenario in one line for each thing that happens. */
export function describeScenario({ nodes, teams, faults, wishes, engine }: Scenario): string {
  const happenings = [...faults, ...wishes].toSorted((a, b) => a.atMs - b.atMs);
  return [
    nodes === 1 ? "1 node" : `${nodes} nodes`,
    ...teams.map(({ id, agents, tasks }) => `${id}: ${agents} agents, tasks ${tasks.map(describeTask).join(" ")}`),
    ...happenings.map(({ kind, atMs }) => `${(atMs / 1_000).toFixed(1)} s: ${kind}`),
    `engine: ${JSON.stringify(engine)}`,
  ].join("\n");
}

function describeTask({ key, needs }: TeamPlan["tasks"][number]): string {
  return needs.length === 0 ? key : `${key}(${needs.join(",")})`;
}

/** How to see a failure again. */
export function describeFailure({ seed, failure }: Outcome): string {
  if (!failure) return `seed ${seed}: every promise was kept`;
  const at = `${(failure.atMs / 1_000).toFixed(1)} simulated seconds`;
  return [
    `seed ${seed} breaks a promise after ${at}: ${failure.promise}`,
    `  ${failure.seen}`,
    `  Again, with all that happens: npm run sim -- --seed ${seed} --trace`,
  ].join("\n");
}
