/** Says what is wrong with a fleet that has come to rest: each broken promise is a sentence. None of it trusts the engine alone. */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { loadPast, placeOf } from "../../src/engine/archive.ts";
import { replay } from "../../src/engine/replay.ts";
import type { State } from "../../src/engine/state.ts";
import { type JournalReader, readSqliteJournal } from "../../src/journal/index.ts";
import { present } from "../../src/lib/assert.ts";
import { messageOf } from "../../src/lib/errors.ts";
import type { Team } from "../../src/model/records.ts";
import { attemptEnded } from "../../src/model/states.ts";
import type { Stage } from "../stage.testing.ts";
import { rewritten } from "./workload.testing.ts";

export interface Claims {
  stage: Stage;
  /** Names of teams that were acknowledged, and must have done all they were asked for. */
  teams: readonly string[];
  /** The same of teams that work on none of the modules. */
  asides?: readonly string[];
  /** Tasks that were cancelled. */
  cancelled?: readonly string[];
}

/** Everything that must hold once the fleet is down. Empty when it does. */
export async function broken({ stage, teams, asides = [], cancelled = [] }: Claims): Promise<string[]> {
  const state = await readState(stage).catch((error) => `the journal does not verify: ${messageOf(error)}`);
  if (typeof state === "string") return [state];
  const known = new Map([...state.teams.values()].map((team) => [team.name, team]));
  return [
    ...[...teams, ...asides].flatMap((name) => {
      const team = known.get(name);
      return team ? brokenOf({ stage, state, team, cancelled }) : [`team ${name} was acknowledged, and is lost`];
    }),
    ...teams.flatMap((name) => {
      const team = known.get(name);
      return team ? wrongFiles(stage, team, team.tasks.length - cancelled.length) : [];
    }),
    ...openAttempts(state),
    ...strayRefs(stage, state),
    ...leftBehind(stage),
    ...gitFaults(stage),
  ];
}

/** What the journal says, after every checksum and invariant has been looked at. */
async function readState(stage: Stage): Promise<State> {
  const journal = readSqliteJournal(join(stage.home, "journal.db"));
  try {
    const { state, mended } = await replay(journal);
    if (mended.length > 0) throw new Error(mended.join("; "));
    await recall(state, journal);
    return state;
  } finally {
    await journal.close();
  }
}

/** Teams that are over have left the state after a while: what they did is read from what was kept of them. */
async function recall(state: State, journal: JournalReader): Promise<void> {
  for (const { id, archived } of [...state.teams.values()]) {
    if (!archived) continue;
    const { teams, tasks, attempts } = await loadPast(state, id, journal.kept(...placeOf(state, id)));
    state.teams.set(id, present(teams.get(id), `the team ${id}`));
    for (const task of tasks.values()) state.tasks.set(task.id, task);
    for (const attempt of attempts.values()) state.attempts.set(attempt.id, attempt);
  }
}

interface Claim {
  stage: Stage;
  state: State;
  team: Team;
  cancelled: readonly string[];
}

function brokenOf({ stage, state, team, cancelled }: Claim): string[] {
  const faults: string[] = [];
  const fault = (what: string) => faults.push(`${team.name}: ${what}`);
  const merged = mergedOf(stage, team);
  for (const id of team.tasks) {
    const task = state.tasks.get(id);
    if (!task) continue;
    const commits = merged.get(task.key) ?? [];
    if (cancelled.includes(task.key) && task.state === "cancelled" && commits.length === 0) continue;
    if (task.state !== "done") fault(`${task.key} is ${task.state}: ${task.failure?.reason} ${task.failure?.detail}`);
    if (commits.length !== 1) fault(`${task.key} is on the branch ${commits.length} times`);
    if (task.state === "done" && commits[0] !== task.commit)
      fault(`${task.key} is ${commits[0]} in git, ${task.commit} here`);
    merged.delete(task.key);
  }
  for (const [key, commits] of merged) fault(`${commits} carry the task ${key}, which it has not`);
  const { budgetUsd, usage } = team;
  if (budgetUsd !== null && usage.costUsd > budgetUsd) fault(`spent ${usage.costUsd} of ${budgetUsd} USD`);
  return faults;
}

/** The commits on the team's branch by the task that they carry. */
function mergedOf(stage: Stage, team: Team): Map<string, string[]> {
  const format = "--format=%H %(trailers:key=Godel-Task,valueonly,separator=%x20)";
  const merged = new Map<string, string[]>();
  for (const line of stage.git("log", format, `${team.base}..${team.branch}`).split("\n").filter(Boolean)) {
    const [commit = "", ...keys] = line.split(" ");
    for (const key of keys.length === 0 ? ["(none)"] : keys) merged.set(key, [...(merged.get(key) ?? []), commit]);
  }
  return merged;
}

function wrongFiles(stage: Stage, team: Team, modules: number): string[] {
  return Array.from({ length: modules }, (_, index) => rewritten(index)).flatMap(({ name, text }) => {
    const found = stage.git("show", `${team.branch}:${name}`);
    return found === text.trim() ? [] : [`${team.name}: ${name} is not what its task makes of it`];
  });
}

function openAttempts(state: State): string[] {
  const open = [...state.attempts.values()].filter((attempt) => !attemptEnded(attempt.state));
  return open.map(({ id, state: is }) => `attempt ${id} is still ${is}`);
}

/** Each kept ref belongs to an attempt that was. What another had left at one's place has the name of its commit behind it. */
function strayRefs(stage: Stage, state: State): string[] {
  const places = new Set<string>();
  for (const attempt of state.attempts.values()) {
    const task = state.tasks.get(attempt.task);
    places.add(`refs/godel/${state.teams.get(attempt.team)?.name}/${task?.key}/${attempt.number}`);
  }
  const refs = stage.git("for-each-ref", "--format=%(refname)").split("\n");
  const branches = new Set([
    "refs/heads/main",
    ...[...state.teams.values()].map(({ branch }) => `refs/heads/${branch}`),
  ]);
  return refs
    .filter((ref) => !branches.has(ref) && !places.has(ref.replace(/-[0-9a-f]{12}$/, "")))
    .map((ref) => `the ref ${ref} is nobody's`);
}

/** Processes, worktrees and locks. */
function leftBehind(stage: Stage): string[] {
  const git = join(stage.repo, ".git");
  const locks = [...globSync(join(git, "*.lock")), ...globSync(join(git, "{refs,worktrees}/**/*.lock"))];
  const records = join(stage.home, "worktrees", "records");
  const trash = join(stage.home, "worktrees", "trash");
  const list = (dir: string) => (existsSync(dir) ? readdirSync(dir) : []);
  return [
    ...stage.processes().map((pid) => `process ${pid} is still there`),
    ...workingIn(stage.dir).map((pid) => `process ${pid} is still at work in ${stage.dir}`),
    ...stage.worktrees().map((tree) => `the worktree ${tree} is still there`),
    ...list(join(git, "worktrees")).map((tree) => `git still keeps the worktree ${tree}`),
    ...list(records).map((record) => `the record ${record} is still there`),
    ...list(trash).flatMap((run) => list(join(trash, run)).map((what) => `${run}/${what} is still in the trash`)),
    ...locks.map((lock) => `${lock} was left behind`),
  ];
}

/** Those that stand in a folder below `dir`, marked or not. */
function workingIn(dir: string): number[] {
  const pids = readdirSync("/proc").map(Number);
  return pids.filter((pid) => {
    try {
      return pid > 0 && readlinkSync(`/proc/${pid}/cwd`).startsWith(dir);
    } catch {
      return false;
    }
  });
}

function gitFaults(stage: Stage): string[] {
  try {
    const args = ["-C", stage.repo, "fsck", "--full", "--no-dangling", "--no-progress"];
    const said = execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    return said.trim() === "" ? [] : [`git fsck: ${said.trim()}`];
  } catch (error) {
    return [`git fsck: ${messageOf(error)}`];
  }
}
