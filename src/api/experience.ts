import type { Engine } from "../engine/engine.ts";
import type { State } from "../engine/state.ts";
import { type Experience, forecastOf, maxExperience } from "../federation/decomposing/forecast.ts";
import type { Forecast, Plan } from "../model/plan.ts";
import type { Task, Team } from "../model/records.ts";

/** Teams looked at, the newest first: each that has left the state is a read of the disk. */
const maxTeams = 8;
/** Of larger plans nothing is predicted: their making must not hold up the loop. */
const maxTasks = 20_000;

/** What the agents of a plan will be: tasks took longer or less with others. */
export interface Crew {
  model: string;
  runtime: string;
  parallelism: number;
}

/** What is to be expected of `plan`, by how the last tasks of the same model went; undefined of one that is too large. */
export async function predict(
  engine: Engine,
  plan: Plan,
  { model, runtime, parallelism }: Crew,
): Promise<Forecast | undefined> {
  if (plan.tasks.length > maxTasks) return undefined;
  const alike = [...engine.state.teams.values()].filter((team) => team.model === model && team.runtime === runtime);
  const newest = alike.toSorted((a, b) => b.createdAt - a.createdAt).slice(0, maxTeams);
  const experience: Experience[] = [];
  for (const team of newest) {
    if (experience.length >= maxExperience) break;
    experience.push(...experienceIn(await engine.stateOf(team.id), team));
  }
  return forecastOf(plan, parallelism, experience, model || runtime);
}

function experienceIn(state: State, { id }: Team): Experience[] {
  const done = [...state.tasks.values()].filter((task) => task.team === id && task.state === "done" && !task.parts);
  return done.flatMap((task) => experienceOf(state, task)).reverse();
}

/** All that a task took until it was merged, retries too. */
function experienceOf(state: State, { attempts, endedAt, weight = 1 }: Task): Experience[] {
  const tries = attempts.map((id) => state.attempts.get(id)).filter((attempt) => attempt !== undefined);
  const [first] = tries;
  if (!first || endedAt === null) return [];
  return [{ weight, ms: endedAt - first.leasedAt, usd: tries.reduce((sum, { usage }) => sum + usage.costUsd, 0) }];
}
