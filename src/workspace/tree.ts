import pLimit from "p-limit";
import type { GitRun } from "./git.ts";
import type { TreeRecord, TreeStore } from "./tree-store.ts";

/** A worktree while we hold it. */
export class Tree {
  readonly record: TreeRecord;
  /** One thing at a time: two would share its index. */
  readonly alone = pLimit(1);
  /** The commit at its ref; null for none, undefined when it must be looked up. */
  kept: string | null | undefined;
  /** Its work is committed and gates have run in it: what they left is not work. */
  sealed = false;
  /** Another attempt has it now. */
  handed = false;
  /** The agent's index as we gave it to the agent. */
  indexStamp: string | undefined;

  constructor(record: TreeRecord, kept?: string | null) {
    this.record = record;
    this.kept = kept;
  }

  /** How git sees the worktree. Never through its own metadata, which the agent can break. */
  run(store: TreeStore, index = store.indexOf(this.record.name)): GitRun {
    const { common, dir } = this.record;
    return { gitDir: common, cwd: dir, env: { GIT_WORK_TREE: dir, GIT_INDEX_FILE: index } };
  }
}
