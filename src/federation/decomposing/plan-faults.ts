/** What an experienced lead would send back, beyond the form of a plan. Faults stop a plan, warnings are shown with it. */
import { didYouMean, nearest } from "../../lib/nearest.ts";
import type { Plan, PlanTask } from "../../model/plan.ts";
import type { RepoMap } from "../../model/repo-map.ts";
import { missingSkills } from "../agent-selector.ts";
import { TreeIndex } from "./tree-index.ts";

export interface PlanContext {
  parallelism: number;
  /** Skills that the agents have. */
  skills: readonly string[];
  map?: RepoMap;
}

export interface PlanFindings {
  faults: string[];
  warnings: string[];
}

/** A prompt of fewer words is no work order. */
const minPromptWords = 3;
/** Beyond this many tasks only equal prompts are found, not similar ones: that takes a look at every pair. */
const maxPairs = 500;
/** Share of words that two prompts have in common, from which on one is the other again. */
const sameWork = 0.9;

export function planFindings(plan: Plan, { parallelism, skills, map }: PlanContext): PlanFindings {
  const faults = [
    ...plan.tasks.flatMap((task) => skillFaults(task, skills)),
    ...plan.tasks.filter(isEmpty).map(({ id }) => `task "${id}": the prompt says too little to work by`),
    ...repeated(plan.tasks).map(([one, other]) => `tasks "${one}" and "${other}" are the same work`),
    ...(map ? claimFaults(plan.tasks, map) : []),
  ];
  const startable = plan.tasks.filter(({ needs }) => needs.length === 0).length;
  const warnings =
    plan.tasks.length >= parallelism && startable * 2 < parallelism
      ? [`only ${startable} of ${plan.tasks.length} tasks can start at once, for ${parallelism} agents`]
      : [];
  return { faults, warnings };
}

function skillFaults({ id, skills: wanted }: PlanTask, skills: readonly string[]): string[] {
  return missingSkills(wanted, skills).map(
    (skill) => `task "${id}" needs the skill "${skill}", which no agent has.${didYouMean(skill, skills)}`,
  );
}

function isEmpty({ prompt }: PlanTask): boolean {
  return words(prompt).size < minPromptWords;
}

/** Pairs of tasks that would be done twice. */
function repeated(tasks: readonly PlanTask[]): [string, string][] {
  const first = new Map<string, string>();
  const pairs: [string, string][] = [];
  for (const { id, prompt, files } of tasks) {
    const key = `${[...words(prompt)].join(" ")}\n${files.join("\n")}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, id);
    else pairs.push([other, id]);
  }
  return pairs.length > 0 || tasks.length > maxPairs ? pairs : similar(tasks);
}

function similar(tasks: readonly PlanTask[]): [string, string][] {
  const known = tasks.map(({ id, prompt, files }) => ({ id, said: words(prompt), claim: files.toSorted().join("\n") }));
  return known.flatMap((one, i) =>
    known
      .slice(i + 1)
      .filter((other) => one.claim === other.claim && likeness(one.said, other.said) >= sameWork)
      .map((other): [string, string] => [one.id, other.id]),
  );
}

/** Jaccard's index of two sets of words. */
function likeness(one: Set<string>, other: Set<string>): number {
  const both = [...one].filter((word) => other.has(word)).length;
  return both / (one.size + other.size - both);
}

function words(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}_./-]+/gu));
}

/** Claims in a folder that is not there, next to one that is called almost so. New files are no fault: work creates them. */
function claimFaults(tasks: readonly PlanTask[], map: RepoMap): string[] {
  // Of a tree that is shown in part, what is missing may be there.
  if (map.total > map.files.length) return [];
  const tree = new TreeIndex(map.files.map(({ path }) => path));
  return tasks.flatMap(({ id, files }) =>
    files.flatMap((claim) => {
      const miss = tree.firstMissing(claim);
      const meant = miss && nearest(miss.name, miss.siblings);
      return meant === undefined
        ? []
        : [`task "${id}" claims ${claim}, but there is no "${miss?.name}". Did you mean "${meant}"?`];
    }),
  );
}
