import { existsSync } from "node:fs";
import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GodelError, messageOf } from "../lib/errors.ts";
import type { Inspection } from "../model/repo-map.ts";
import type { Git } from "./git.ts";

/** What a team needs to know of `path`, if `branch` can be made there. */
export async function inspect(git: Git, path: string, branch: string): Promise<Inspection> {
  const top = await topLevel(git, path);
  const base = await headOf(git, top);
  await refuseTaken(git, top, branch);
  return { repo: await mainTree(git, top), base };
}

/** The folder that all work trees of the repository share: objects, refs, configuration. */
export async function commonDir(git: Git, repo: string): Promise<string> {
  const top = await topLevel(git, repo);
  return git.text(["rev-parse", "--path-format=absolute", "--git-common-dir"], { cwd: top });
}

/** Whether refs are in tables instead of files, so that only git itself can write a HEAD. Git's default from 3.0 on. */
export function hasRefTables(common: string): boolean {
  return existsSync(join(common, "reftable"));
}

/** The folder of a work tree outside `ours` that has `branch` checked out, if one does. A few reads, no process. */
export async function checkedOutAt(common: string, branch: string, ours: string): Promise<string | undefined> {
  const names = await readdir(join(common, "worktrees")).catch(() => []);
  const isThere = async (dir: string) => (await readText(join(dir, "HEAD"))) === `ref: refs/heads/${branch}`;
  if (await isThere(common)) return dirname(common);
  for (const name of names) {
    const meta = join(common, "worktrees", name);
    if (!(await isThere(meta))) continue;
    const place = dirname(await readText(join(meta, "gitdir")));
    // An agent that looks at the branch in its own worktree is harmed by nothing: we commit files, not its HEAD.
    if (!place.startsWith(`${ours}/`)) return place;
  }
  return undefined;
}

async function topLevel(git: Git, path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) throw new GodelError("REPO_INVALID", `${path} does not exist`);
  try {
    return await git.text(["rev-parse", "--path-format=absolute", "--show-toplevel"], { cwd: real });
  } catch (error) {
    throw new GodelError("REPO_INVALID", `${path} is not in a git work tree: ${messageOf(error)}`, { cause: error });
  }
}

/** The commit at HEAD of the work tree that `top` lies in. @throws GodelError REPO_EMPTY */
export async function headOf(git: Git, top: string): Promise<string> {
  const options = { cwd: top, answers: [0, 1, 128] };
  const head = await git.text(["rev-parse", "--quiet", "--verify", "HEAD^{commit}"], options);
  if (head === "") throw new GodelError("REPO_EMPTY", `${top} has no commit yet`);
  return head;
}

/** Refs are paths: a branch is taken by itself, by a branch that it would lie under, and by one that lies under it. */
async function refuseTaken(git: Git, top: string, branch: string): Promise<void> {
  const [first = branch] = branch.split("/");
  const names = await git.text(["for-each-ref", "--format=%(refname:lstrip=2)", `refs/heads/${first}`], { cwd: top });
  const taken = names.split("\n").find((name) => `${branch}/`.startsWith(`${name}/`) || name.startsWith(`${branch}/`));
  if (taken) throw new GodelError("BRANCH_EXISTS", `the branch ${taken} exists already in ${top}`);
}

/** The main work tree; where that is bare, `top` itself. The team outlives a linked work tree that it was made from. */
async function mainTree(git: Git, top: string): Promise<string> {
  const list = await git.text(["worktree", "list", "--porcelain", "-z"], { cwd: top });
  const [first = "", ...rest] = list.slice(0, list.indexOf("\0\0")).split("\0");
  return rest.includes("bare") ? top : first.replace("worktree ", "");
}

async function readText(file: string): Promise<string> {
  return (await readFile(file, "utf8").catch(() => "")).trim();
}
