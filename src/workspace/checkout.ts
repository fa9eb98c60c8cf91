import { rename } from "node:fs/promises";
import type { Git } from "./git.ts";
import type { Spare } from "./spares.ts";
import { Tree } from "./tree.ts";
import { copyIndex, linkTree } from "./tree-link.ts";
import type { TreeRecord, TreeStore } from "./tree-store.ts";

/**
 * Makes the worktree of `record`, from the files of `spare` if there is one. The record comes first and our index,
 * written after the last file, next to last: a crash in between leaves a worktree that is not whole, that no agent
 * saw, and that goes without a trace.
 */
export async function checkOut(git: Git, store: TreeStore, record: TreeRecord, spare: Spare | null): Promise<Tree> {
  await store.discard(record.dir);
  await store.forget(record);
  await store.write(record);
  const tree = new Tree(record, null);
  if (spare) await reuse(git, store, tree, spare);
  else await checkOutAll(git, store, tree);
  tree.indexStamp = await copyIndex(store, record);
  return tree;
}

async function checkOutAll(git: Git, store: TreeStore, tree: Tree): Promise<void> {
  await linkTree(git, tree.record);
  await git.run(["read-tree", "--reset", "-u", tree.record.base], tree.run(store));
}

/** What the last agent left goes first, ignored files and repositories too; then git mends every file that differs. */
async function reuse(git: Git, store: TreeStore, tree: Tree, spare: Spare): Promise<void> {
  const { record } = tree;
  await rename(spare.dir, record.dir);
  await linkTree(git, record);
  const run = tree.run(store, spare.index);
  await git.run(["clean", "-ffdxq"], run);
  await git.run(["read-tree", "--reset", "-u", record.base], run);
  await rename(spare.index, store.indexOf(record.name));
}
