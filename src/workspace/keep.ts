import type { Clock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { changesSince } from "./changes.ts";
import type { Git } from "./git.ts";
import { Refs } from "./refs.ts";
import { commitStaged, type Message, stage } from "./snapshot.ts";
import type { Tree } from "./tree.ts";
import type { TreeStore } from "./tree-store.ts";

export interface Keeper {
  git: Git;
  clock: Clock;
  store: TreeStore;
}

/** The work of `tree` as one commit on its base, at its ref. The same commit while nothing changes. */
export async function keepWork(
  keeper: Keeper,
  tree: Tree,
  message: Message,
): Promise<{ commit: string | null; files: number }> {
  const { git, store } = keeper;
  const { record } = tree;
  if (!(await store.isWhole(record))) throw new GodelError("GIT_FAILED", `the worktree ${record.dir} is gone`);
  const changes = await stage(git, store, tree, record.base);
  tree.sealed = false;
  if (changes.length === 0) return { commit: null, files: 0 };
  const kept = await keptCommit(keeper, tree);
  const same = kept !== null && (await changesSince(git, tree.run(store), kept)).length === 0;
  const commit = same ? kept : await put(keeper, tree, record.base, message);
  return { commit, files: changes.length };
}

/**
 * The commit at the ref of `tree`, after adding to it what is in the worktree and not in it. It goes on top of a
 * commit that is there, for that one may be on its way into the branch.
 */
export async function keepRest(keeper: Keeper, tree: Tree): Promise<string | null> {
  const kept = await keptCommit(keeper, tree);
  if (tree.sealed || !(await keeper.store.isWhole(tree.record))) return kept;
  const from = kept ?? tree.record.base;
  const changes = await stage(keeper.git, keeper.store, tree, from);
  if (changes.length === 0) return kept;
  const message = { subject: "Unfinished work", body: `Saved when attempt ${tree.record.attempt} ended.` };
  return put(keeper, tree, from, message);
}

async function put({ git, clock, store }: Keeper, tree: Tree, parent: string, message: Message): Promise<string> {
  const commit = await commitStaged(git, tree.run(store), parent, message);
  await new Refs(git, clock, tree.record.common).take(tree.record.ref, tree.kept ?? null, commit);
  tree.kept = commit;
  return commit;
}

/** What is at its ref, or null. */
export async function keptCommit({ git, clock }: Keeper, tree: Tree): Promise<string | null> {
  if (tree.kept === undefined) tree.kept = await new Refs(git, clock, tree.record.common).read(tree.record.ref);
  return tree.kept;
}
