/** A worktree whose agent or gates were killed, made fit for who goes on in it. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Keeper, keptCommit } from "./keep.ts";
import { breakStaleLock } from "./stale-lock.ts";
import type { Tree } from "./tree.ts";
import { mendLink, metadataOf } from "./tree-link.ts";
import type { TreeRecord } from "./tree-store.ts";

/** Git works in it again: its link is whole, and a lock that a killed git left is broken. */
export async function unlock({ store, clock }: Keeper, record: TreeRecord): Promise<void> {
  await mendLink(store, record);
  await breakStaleLock(join(metadataOf(record), "index"), clock);
}

/** Unlocks it, and takes out what gates left there since its work was committed, but for ignored files. */
export async function mendTree(keeper: Keeper, tree: Tree): Promise<void> {
  const { git, store } = keeper;
  await unlock(keeper, tree.record);
  const kept = await keptCommit(keeper, tree);
  if (kept === null) return;
  await rm(`${store.indexOf(tree.record.name)}.lock`, { force: true });
  const run = tree.run(store);
  await git.run(["read-tree", "--reset", "-u", kept], run);
  await git.run(["clean", "-fdq"], run);
}
