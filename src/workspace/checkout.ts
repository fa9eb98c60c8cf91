import { lstat } from "node:fs/promises";
import { unlessMissing } from "./file-errors.ts";
import type { Git } from "./git.ts";
import { Tree } from "./tree.ts";
import { copyIndex, linkTree } from "./tree-link.ts";
import type { TreeRecord, TreeStore } from "./tree-store.ts";

/**
 * Makes the worktree of `record`. The record comes first and our index, which git writes after the last file, next to
 * last: a crash in between leaves a worktree that is not whole, that no agent saw, and that goes without a trace.
 */
export async function checkOut(git: Git, store: TreeStore, record: TreeRecord): Promise<Tree> {
  await store.discard(record.dir);
  await store.forget(record.name);
  await store.write(record);
  await linkTree(git, record);
  const tree = new Tree(record, null);
  await git.run(["read-tree", "--reset", "-u", record.base], tree.run(store));
  tree.indexStamp = await copyIndex(store, record);
  return tree;
}

/** Whether the worktree was checked out to its end, and is still there. */
export async function isWhole(store: TreeStore, record: TreeRecord): Promise<boolean> {
  const [dir, index] = await Promise.all([
    unlessMissing(lstat(record.dir)),
    unlessMissing(lstat(store.indexOf(record.name))),
  ]);
  return dir?.isDirectory() === true && index !== undefined;
}
