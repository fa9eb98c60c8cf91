/** Which branches and refs of a team that is over hold nothing that the user's own branches don't. */
import { codeOf } from "../lib/errors.ts";
import type { EndedTeam, Garbage } from "../model/garbage.ts";
import type { Git } from "./git.ts";
import { identity } from "./git-environment.ts";
import { checkedOutAt, commonDir } from "./repository.ts";
import { trailers } from "./team-branch.ts";

/** A branch or ref, where it is, and what is known of it. */
export interface Judged extends Garbage {
  commit: string;
  /** All that it holds is on branches of the user. */
  merged: boolean;
  /** Of a ref, `TEAM/KEY/N`. */
  attempt: string | null;
}

export interface TeamRefs {
  common: string;
  refs: Judged[];
}

/** Branches that are not godel's, here and at remotes. Tags are not counted: they mark, and are let go of easily. */
const ours = "refs/heads/godel/";

/** Looks, and changes nothing. `folder` holds our own worktrees. Null where the repository is gone. */
export async function judgeTeam(git: Git, team: EndedTeam, folder: string): Promise<TeamRefs | null> {
  const common = await commonDir(git, team.repo).catch((error) => {
    if (codeOf(error) === "REPO_INVALID") return null;
    throw error;
  });
  if (common === null) return null;
  const prefix = `refs/godel/${team.name}/`;
  const branch = `refs/heads/${team.branch}`;
  const listed = await git.text(["for-each-ref", "--format=%(objectname) %(refname)", branch, prefix], {
    gitDir: common,
  });
  const found = listed === "" ? [] : listed.split("\n").map((line) => line.split(" ", 2) as [string, string]);
  const merged = await mergedAttempts(git, common, team);
  const judge = async ([commit, ref]: [string, string]): Promise<Judged> => {
    const verdict =
      ref === branch
        ? await ofBranch(git, { common, team, commit, folder })
        : await ofAttempt(git, { common, team, commit, ref: ref.slice(prefix.length), merged });
    return { kind: ref === branch ? "branch" : "ref", name: ref, team: team.id, bytes: null, commit, ...verdict };
  };
  return {
    common,
    refs: await Promise.all(found.filter(([, ref]) => ref === branch || ref.startsWith(prefix)).map(judge)),
  };
}

/** Deletes those that are still where they were looked at; the others are answered. */
export async function deleteRefs(git: Git, common: string, refs: readonly Judged[]): Promise<Judged[]> {
  const gone = await Promise.all(
    refs.map(async ({ name, commit }) => {
      const args = ["update-ref", "-d", name, commit];
      return git
        .run(args, { gitDir: common })
        .then(() => true)
        .catch(() => false);
    }),
  );
  return refs.filter((_, i) => !gone[i]);
}

type Verdict = Pick<Judged, "merged" | "why" | "attempt">;

interface Looked {
  common: string;
  team: EndedTeam;
  commit: string;
}

async function ofBranch(git: Git, { common, team, commit, folder }: Looked & { folder: string }): Promise<Verdict> {
  const keep = (why: string): Verdict => ({ merged: false, why, attempt: null });
  if (team.keep !== null) return keep(team.keep);
  const place = await checkedOutAt(common, team.branch, folder);
  if (place !== undefined) return keep(`it is checked out at ${place}`);
  const holder = await holderOf(git, common, commit);
  if (holder === null) return keep("it is merged into no other branch");
  return { merged: true, why: `all of it is on ${holder}`, attempt: null };
}

async function ofAttempt(
  git: Git,
  { common, team, commit, ref, merged }: Looked & { ref: string; merged: ReadonlyMap<string, string> },
): Promise<Verdict> {
  const attempt = `${team.id}/${ref}`;
  const keep = (why: string): Verdict => ({ merged: false, why, attempt });
  if (team.keep !== null) return keep(team.keep);
  const into = merged.get(attempt);
  if (into === undefined) return keep("its work is on no branch of yours");
  if (!(await isContained(git, { common, commit, into, base: team.base }))) {
    return keep(`it holds more than was merged as ${into.slice(0, 12)}`);
  }
  return { merged: true, why: `it was merged as ${into.slice(0, 12)}`, attempt };
}

/** The first branch of the user that holds `commit`. */
async function holderOf(git: Git, common: string, commit: string): Promise<string | null> {
  const args = ["for-each-ref", `--contains=${commit}`, "--format=%(refname)", "refs/heads", "refs/remotes"];
  const holders = (await git.text(args, { gitDir: common })).split("\n").filter((ref) => ref !== "" && !isOurs(ref));
  return holders[0]?.replace(/^refs\/(?:heads|remotes)\//, "") ?? null;
}

/** Pushed branches of teams are no more than a copy of ours. */
function isOurs(ref: string): boolean {
  return ref.startsWith(ours) || /^refs\/remotes\/[^/]+\/godel\//.test(ref);
}

/**
 * Attempts that the user's branches hold, each with the commit of it: as godel made it, since one that a person made anew, by a
 * rebase or with `--amend`, may hold less.
 */
async function mergedAttempts(git: Git, common: string, team: EndedTeam): Promise<Map<string, string>> {
  const listed = await git.text(["for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes"], {
    gitDir: common,
  });
  const tips = listed.split("\n").filter((ref) => ref !== "" && !isOurs(ref) && !ref.endsWith("/HEAD"));
  const format = `--format=%H %ce %(trailers:key=${trailers.attempt},valueonly,separator=%x20)`;
  const found = [`--grep=${trailers.attempt}: ${team.id}/`, "--fixed-strings", format];
  if (tips.length === 0) return new Map();
  const input = [...tips, `^${team.base}`].join("\n");
  const log = await git.text(["log", ...found, "--stdin"], { gitDir: common, input });
  const merged = new Map<string, string>();
  for (const line of log.split("\n")) {
    const [commit = "", committer, ...attempts] = line.split(" ");
    if (committer === identity.email) for (const attempt of attempts) merged.set(attempt, commit);
  }
  return merged;
}

/** Whether every file that `commit` changes is in `into` as it is in `commit`. What was merged with others' lines is not. */
async function isContained(
  git: Git,
  { common, commit, into, base }: { common: string; commit: string; into: string; base: string },
): Promise<boolean> {
  const from = (await git.text(["merge-base", commit, into], { gitDir: common, answers: [0, 1] })) || base;
  const [changed, differ] = await Promise.all([
    filesBetween(git, common, from, commit),
    filesBetween(git, common, commit, into),
  ]);
  const different = new Set(differ);
  return changed.every((file) => !different.has(file));
}

async function filesBetween(git: Git, common: string, from: string, to: string): Promise<string[]> {
  const args = ["diff-tree", "-r", "-z", "--no-renames", "--name-only", from, to];
  const { stdout } = await git.run(args, { gitDir: common });
  return stdout
    .toString("latin1")
    .split("\0")
    .filter((file) => file !== "");
}
