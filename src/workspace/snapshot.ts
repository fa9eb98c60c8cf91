/** Turns what is in a worktree into a commit, whatever its agent did with git meanwhile. */
import { copyFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GodelError } from "../lib/errors.ts";
import { type Change, changesSince } from "./changes.ts";
import { unlessMissing } from "./file-errors.ts";
import type { Git, GitRun } from "./git.ts";
import { absorbNested, findNested, undeclaredLinks } from "./nested.ts";
import type { Tree } from "./tree.ts";
import { indexStamp, mendLink, metadataOf } from "./tree-link.ts";
import type { TreeStore } from "./tree-store.ts";

/** How deep repositories may lie in one another before we give up. */
const maxNesting = 20;

export interface Message {
  subject: string;
  body: string;
}

/** Takes every file into our index and answers what differs from the commit `from`. */
export async function stage(git: Git, store: TreeStore, tree: Tree, from: string): Promise<Change[]> {
  await rm(`${store.indexOf(tree.record.name)}.lock`, { force: true });
  await mendLink(store, tree.record);
  await adoptIndex(git, store, tree);
  return addAll(git, store, tree, from);
}

/** A commit of what is staged. */
export async function commitStaged(git: Git, run: GitRun, parent: string, message: Message): Promise<string> {
  const staged = await git.text(["write-tree"], run);
  return commitTree(git, run, { tree: staged, parent, message });
}

export function commitTree(
  git: Git,
  run: GitRun,
  commit: { tree: string; parent: string; message: Message },
): Promise<string> {
  const { tree, parent, message } = commit;
  const subject = message.subject.replace(/[\s\0]+/g, " ").trim() || "Untitled";
  const input = `${subject}\n\n${message.body.replaceAll("\0", "").trim()}`.trim() + "\n";
  return git.text(["commit-tree", "-p", parent, "-F", "-", tree], { ...run, input });
}

/**
 * What the agent said to git counts: a file that it added though it is ignored, one that it took out of git but
 * left on disk. So where it changed its index, ours tracks the same paths. What they hold comes from the files.
 */
async function adoptIndex(git: Git, store: TreeStore, tree: Tree): Promise<void> {
  const { record } = tree;
  const stamp = await indexStamp(record);
  if (stamp === undefined || stamp === tree.indexStamp) return;
  const copy = join(dirname(store.indexOf(record.name)), `${record.name}.agent-index`);
  // A copy, because a lock that a killed git left beside the agent's own would stop us.
  await copyFile(join(metadataOf(record), "index"), copy);
  const run = tree.run(store);
  // Fails in the middle of a merge and for a broken index; then the files alone count.
  const theirs = await git.text(["write-tree"], {
    ...run,
    env: { ...run.env, GIT_INDEX_FILE: copy },
    answers: [0, 128],
  });
  // -i: the files need not match, for they are read next. -m: those that do are not hashed again.
  if (theirs !== "") await git.run(["read-tree", "-i", "-m", theirs], run);
  await unlessMissing(rm(copy));
  tree.indexStamp = stamp;
}

async function addAll(git: Git, store: TreeStore, tree: Tree, from: string): Promise<Change[]> {
  const run = tree.run(store);
  for (let depth = 0; depth < maxNesting; depth++) {
    const failed = await addOnce(git, run);
    const changes = failed ? [] : await changesSince(git, run, from);
    const nested = failed ? await findNested(git, run) : await undeclaredLinks(tree.record.dir, changes);
    if (nested.length === 0 && failed) throw failed;
    if (nested.length === 0) return changes;
    await absorbNested({ git, store, run, dir: tree.record.dir, nested });
  }
  throw new GodelError("GIT_FAILED", `repositories lie more than ${maxNesting} deep in ${tree.record.dir}`);
}

/** The failure, for a nested repository without a commit is one. */
async function addOnce(git: Git, run: GitRun): Promise<GodelError | undefined> {
  try {
    await git.run(["add", "--all"], run);
    return undefined;
  } catch (error) {
    if (error instanceof GodelError && error.code === "GIT_FAILED") return error;
    throw error;
  }
}
