/**
 * Worktrees that were released, kept to be used again in the same repository. Most of their files are right for the
 * next attempt, so git writes few (1,050 files: 16 ms, not 60) and none have to be deleted. Deleting costs
 * more than it seems: ext4 without a journal does not use an inode again for a minute and tries each one that it may
 * not on every new file, which made a checkout beside deletions ten times slower.
 */
import { access, rename } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "./file-errors.ts";
import { hasRefTables } from "./repository.ts";
import type { TreeRecord, TreeStore } from "./tree-store.ts";

/** A folder that holds any files, and the index that says which of them git knows. Both lie in the trash. */
export interface Spare {
  dir: string;
  index: string;
}

export class Spares {
  readonly #store: TreeStore;
  readonly #max: number;
  /** By the repository's common folder. */
  readonly #spares = new Map<string, Spare[]>();

  constructor(store: TreeStore, max: number) {
    this.#store = store;
    this.#max = max;
  }

  /** Takes the files of a released worktree; deletes them when there are enough, or they cannot be used again. */
  async put(record: TreeRecord): Promise<void> {
    const spares = this.#spares.get(record.common) ?? [];
    if (spares.length >= this.#max || !(await isUsable(this.#store, record))) return this.#store.discard(record.dir);
    const dir = await this.#store.freePlace();
    const spare = { dir, index: `${dir}.index` };
    await rename(record.dir, spare.dir);
    await rename(this.#store.indexOf(record.name), spare.index);
    spares.push(spare);
    this.#spares.set(record.common, spares);
  }

  take(common: string): Spare | null {
    return this.#spares.get(common)?.pop() ?? null;
  }

  /** Deletes those of one repository, or all. */
  async drop(common?: string): Promise<void> {
    const repositories = common === undefined ? [...this.#spares.keys()] : [common];
    for (const repository of repositories) {
      for (let spare = this.take(repository); spare; spare = this.take(repository)) {
        await this.#store.discard(spare.dir);
        await this.#store.discard(spare.index);
      }
    }
  }
}

/** Not with submodules, whose files git does not look after; nor where git must make the worktree, in an empty folder. */
async function isUsable(store: TreeStore, record: TreeRecord): Promise<boolean> {
  if (hasRefTables(record.common) || !(await store.isWhole(record))) return false;
  return (await unlessMissing(access(join(record.dir, ".gitmodules")).then(() => true))) === undefined;
}
