/** What is left on this node of teams that are over and of agents that are gone, and its removal. Work that is not merged stays. */
import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../lib/errors.ts";
import type { Collection, EndedTeam, Garbage } from "../model/garbage.ts";
import type { AgentId } from "../model/records.ts";
import type { Worktrees } from "./ports.ts";

export interface CollectParts {
  workspaces: Pick<Worktrees, "collect" | "list" | "release">;
  /** Folders of transcripts and gate output, and of agents. */
  attemptsDir: string;
  agentsDir: string;
  /** Agents of this node, those that start with them. */
  agents(): readonly AgentId[];
}

export interface CollectRequest {
  teams: readonly EndedTeam[];
  /** False: only look. */
  remove: boolean;
}

/** One team after the other: thousands of folders are no hurry. What fails is told as kept, and the rest goes on. */
export async function collect(parts: CollectParts, { teams, remove }: CollectRequest): Promise<Collection> {
  const found: Judged[] = [...(await worktrees(parts, teams, remove))];
  for (const team of teams) found.push(...(await ofTeam(parts, team, remove)));
  found.push(...(await scratch(parts, remove)));
  const shown = found.map(({ merged: _, ...garbage }) => garbage);
  return { removed: shown.filter((_, i) => found[i]?.merged), kept: shown.filter((_, i) => !found[i]?.merged) };
}

type Judged = Garbage & { merged: boolean };

/** What is not committed in them is kept under their refs first, and judged with those. */
async function worktrees(
  { workspaces }: CollectParts,
  teams: readonly EndedTeam[],
  remove: boolean,
): Promise<Judged[]> {
  const over = new Set(teams.filter(({ keep }) => keep === null).map(({ id }) => id));
  const left = (await workspaces.list()).filter((attempt) => over.has(attempt.split("/", 1)[0] ?? ""));
  return Promise.all(
    left.map(async (attempt): Promise<Judged> => {
      const team = attempt.split("/", 1)[0] ?? "";
      const found = { kind: "worktree", name: attempt, team, bytes: null } as const;
      const fault = remove ? await faultOf(() => workspaces.release(attempt)) : null;
      if (fault !== null) return { ...found, merged: false, why: fault };
      return { ...found, merged: true, why: "its team is over; what is in it is kept under its ref" };
    }),
  );
}

async function ofTeam(parts: CollectParts, team: EndedTeam, remove: boolean): Promise<Judged[]> {
  // Sessions first: once its ref is gone nothing says that the work of an attempt was merged.
  const looked = await parts.workspaces.collect(team, false);
  if (looked === null) return [];
  const refs = new Map(looked.flatMap((ref) => (ref.attempt === null ? [] : [[ref.attempt, ref]])));
  const sessions = await Promise.all(
    (await sessionsOf(parts, team)).map((attempt) => session(parts, { team, attempt, remove }, refs.get(attempt))),
  );
  const judged = remove ? ((await parts.workspaces.collect(team, true)) ?? []) : looked;
  return [...judged.map(({ commit: _, attempt: __, ...ref }) => ref), ...sessions];
}

async function session(
  { attemptsDir }: CollectParts,
  { team, attempt, remove }: { team: EndedTeam; attempt: string; remove: boolean },
  ref: { merged: boolean; why: string } | undefined,
): Promise<Judged> {
  const name = join(attemptsDir, attempt);
  const verdict = ref ?? { merged: team.keep === null, why: team.keep ?? "it left no work" };
  return removed(
    { kind: "session", name, team: team.id, bytes: await sizeOf(name), merged: verdict.merged, why: verdict.why },
    remove,
  );
}

/** `TEAM/KEY/N` of every attempt that left a folder. */
async function sessionsOf({ attemptsDir }: CollectParts, { id }: EndedTeam): Promise<string[]> {
  const keys = await namesIn(join(attemptsDir, id));
  const all = await Promise.all(
    keys.map(async (key) => (await namesIn(join(attemptsDir, id, key))).map((n) => `${id}/${key}/${n}`)),
  );
  return all.flat();
}

async function scratch({ agentsDir, agents }: CollectParts, remove: boolean): Promise<Judged[]> {
  const names = await namesIn(agentsDir);
  // Asked after the folders were listed: an agent is known before it gets one.
  const known = new Set(agents());
  return Promise.all(
    names
      .filter((agent) => !known.has(agent))
      .map(async (agent) => {
        const name = join(agentsDir, agent);
        const found = { kind: "scratch", name, team: null, bytes: await sizeOf(name), merged: true } as const;
        return removed({ ...found, why: "its agent is gone" }, remove);
      }),
  );
}

async function removed(found: Judged, remove: boolean): Promise<Judged> {
  if (!remove || !found.merged) return found;
  const fault = await faultOf(() => rm(found.name, { recursive: true, force: true }));
  return fault === null ? found : { ...found, merged: false, why: fault };
}

async function faultOf(act: () => Promise<unknown>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).toSorted();
}

/** Of files in it, in bytes. Links are not followed. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map((file) =>
      lstat(join(file.parentPath, file.name))
        .then(({ size }) => size)
        .catch(() => 0),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
