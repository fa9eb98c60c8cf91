/** A pattern of work over many files: each file in exactly one task, tasks of even weight, relatives kept together. */
import { GodelError } from "../../lib/errors.ts";
import { newPlanTask, type Plan, planLimits } from "../../model/plan.ts";
import type { RepoMap } from "../../model/repo-map.ts";
import { affinityOf } from "./affinity.ts";
import { shard } from "./shard.ts";
import { TaskIds } from "./task-ids.ts";

/** Tasks for each agent: with one, all wait for the slowest; with many, each reads the same neighbours again. */
export const tasksPerAgent = 3;
/** Of a prompt's bound, what the list of files may take: the goal has the rest. */
const maxListChars = planLimits.promptChars / 2;

/** @throws GodelError PLAN_REFUSED when no file was chosen, or more than one plan can hold */
export function planByFiles(goal: { task: string; parallelism: number; map: RepoMap }): Plan {
  const { task, parallelism, map } = goal;
  checkChoice(map);
  const weights = map.files.map(({ bytes }) => weightOf(bytes));
  const shards = shard(weights, affinityOf(map), Math.max(shardsToFit(map), parallelism * tasksPerAgent));
  const ids = new TaskIds();
  const tasks = shards.map((files) => {
    const paths = files.map((file) => map.files[file]?.path ?? "");
    const { folder, name } = placeOf(paths);
    return newPlanTask({
      id: ids.next(folder || name),
      title: `${shorten(task)}: ${folder === "" ? name : folder}${others(paths.length, folder)}`,
      prompt: promptFor(task, paths, shards.length),
      files: paths.map(escapeGlob),
      weight: round(files.reduce((sum, file) => sum + (weights[file] ?? 0), 0)),
      // A file that the pattern does not fit needs no change.
      diff: "optional",
    });
  });
  return { goal: task, gates: [], tasks };
}

/**
 * Expected work on a file, in units of one small file. It grows with the root of its size: all of it is read, and the
 * places that change are few.
 */
export function weightOf(bytes: number): number {
  return 1 + Math.sqrt(bytes / 1024);
}

function checkChoice({ matched, files }: RepoMap): void {
  if (matched === 0)
    throw new GodelError("PLAN_REFUSED", "no file of the commit at HEAD was chosen: see --files and --query.");
  if (matched > files.length) {
    throw new GodelError(
      "PLAN_REFUSED",
      `${matched} files were chosen; one plan takes at most ${files.length}: narrow --files or --query.`,
    );
  }
}

function shardsToFit({ files }: RepoMap): number {
  return Math.ceil(files.reduce((sum, { path }) => sum + path.length + 3, 0) / maxListChars);
}

function promptFor(task: string, paths: readonly string[], tasks: number): string {
  return [
    task,
    "",
    tasks === 1
      ? "Do this in the files below."
      : `The work is shared by ${tasks} tasks. Yours are the files below: do it in each of them.`,
    "Change no other file. Leave a file as it is where there is nothing to do in it.",
    "",
    ...paths.map((path) => `- ${path}`),
  ].join("\n");
}

/** The deepest folder that holds all `paths`, or "", and the first of them. */
function placeOf(paths: readonly string[]): { folder: string; name: string } {
  const [name = "", ...rest] = paths;
  const parts = name.split("/").slice(0, -1);
  const shared = parts.findIndex((_, i) =>
    rest.some((path) => !path.startsWith(`${parts.slice(0, i + 1).join("/")}/`)),
  );
  const depth = shared < 0 ? parts.length : shared;
  return { folder: rest.length === 0 ? "" : parts.slice(0, depth).join("/"), name };
}

function others(files: number, folder: string): string {
  if (files === 1) return "";
  return folder === "" ? ` and ${files - 1} more` : ` (${files} files)`;
}

function shorten(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** A path is claimed as it is, not as a pattern. */
function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@]/g, "\\$&");
}

function round(weight: number): number {
  return Math.round(weight * 100) / 100;
}
