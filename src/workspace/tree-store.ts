import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GodelError, messageOf } from "../lib/errors.ts";
import { isFields, parseJson } from "../lib/json.ts";
import type { AttemptId } from "../model/records.ts";
import { unlessMissing } from "./file-errors.ts";

/** What must be known of a worktree to save its work after a crash, written before anything else of it exists. */
export interface TreeRecord {
  attempt: AttemptId;
  /** Names its folder, its index and its folder in the repository; another attempt may have made them. */
  name: string;
  /** The repository's common folder. */
  common: string;
  dir: string;
  /** The commit that it started from. */
  base: string;
  /** Where its work is kept. */
  ref: string;
}

/**
 * The folder that holds all worktrees:
 *
 *   trees/NAME           the worktree itself
 *   records/OWNER.json   its record, by the attempt that it belongs to; NAME is that of the one it was made for
 *   records/NAME.index   our own index of it; there from the moment that it is checked out whole
 *   maps/HASH.json      what is known of a tree, for planners
 *   base-gates.log      what gates printed before any work
 *   trash/RUN/           what may be deleted: of this run of the node, and of earlier ones
 */
export class TreeStore {
  readonly root: string;
  readonly #trash: string;
  #trashed = 0;

  /** @throws GodelError HOME_UNUSABLE */
  constructor(root: string) {
    try {
      for (const folder of ["trees", "records", "trash"]) mkdirSync(join(root, folder), { recursive: true });
      // The name that git will give it.
      this.root = realpathSync(root);
      this.#trash = mkdtempSync(join(this.root, "trash", "run-"));
    } catch (error) {
      throw new GodelError("HOME_UNUSABLE", messageOf(error), { cause: error });
    }
  }

  /** Where all worktrees are. */
  get folder(): string {
    return join(this.root, "trees");
  }

  dirOf(name: string): string {
    return join(this.folder, name);
  }

  /** Our index: what the agent does to its own (locks, flags, half a merge) cannot hide a file from it. */
  indexOf(name: string): string {
    return join(this.root, "records", `${name}.index`);
  }

  /** Whole or not at all. A crash leaves the half of it where the next run clears up. */
  async write(record: TreeRecord): Promise<void> {
    const draft = await this.freePlace();
    await writeFile(draft, JSON.stringify(record));
    await rename(draft, this.#recordFile(record.attempt));
  }

  read(attempt: AttemptId): Promise<TreeRecord | undefined> {
    return readRecord(this.#recordFile(attempt));
  }

  async list(): Promise<TreeRecord[]> {
    const files = (await unlessMissing(readdir(join(this.root, "records")))) ?? [];
    const names = files.filter((file) => file.endsWith(".json"));
    const records = await Promise.all(names.map((name) => readRecord(join(this.root, "records", name))));
    return records.filter((record) => record !== undefined);
  }

  /** Whether the worktree was checked out to its end, and is still there. */
  async isWhole(record: TreeRecord): Promise<boolean> {
    const [dir, index] = await Promise.all([
      unlessMissing(lstat(record.dir)),
      unlessMissing(lstat(this.indexOf(record.name))),
    ]);
    return dir?.isDirectory() === true && index !== undefined;
  }

  /**
   * Gives a worktree to another attempt. A crash in the middle leaves it with two records, so all older ones go: who
   * let go of one of them later would take the worktree away under an agent.
   */
  async hand(to: TreeRecord): Promise<void> {
    await this.write(to);
    try {
      const older = (await this.list()).filter(({ dir, attempt }) => dir === to.dir && attempt !== to.attempt);
      for (const { attempt } of older) await rm(this.#recordFile(attempt), { force: true });
    } catch (error) {
      await rm(this.#recordFile(to.attempt), { force: true });
      throw error;
    }
  }

  /** The record goes last: while it is there, a crash is cleared up. */
  async forget({ name, attempt }: TreeRecord): Promise<void> {
    for (const suffix of ["index", "index.lock", "agent-index", "agent-index.lock"]) {
      await rm(join(this.root, "records", `${name}.${suffix}`), { force: true });
    }
    await rm(this.#recordFile(attempt), { force: true });
  }

  /** A name in the trash that nothing has. */
  async freePlace(): Promise<string> {
    await mkdir(this.#trash, { recursive: true });
    return join(this.#trash, String(++this.#trashed));
  }

  /** Takes `path` away at once, so that no half-deleted tree is ever seen, then deletes it. */
  async discard(path: string | Buffer): Promise<void> {
    const place = await this.freePlace();
    if (await unlessMissing(rename(path, place).then(() => true))) await deleteAll(place);
  }

  /** Deletes what earlier runs left in the trash. */
  async emptyTrash(): Promise<void> {
    const runs = (await unlessMissing(readdir(join(this.root, "trash")))) ?? [];
    for (const run of runs.map((name) => join(this.root, "trash", name))) {
      if (run !== this.#trash) await deleteAll(run);
    }
  }

  /** Deletes this run's trash. */
  close(): Promise<void> {
    return deleteAll(this.#trash);
  }

  #recordFile(attempt: AttemptId): string {
    return join(this.root, "records", `${nameOf(attempt)}.json`);
  }
}

async function readRecord(file: string): Promise<TreeRecord | undefined> {
  const text = await unlessMissing(readFile(file, "utf8"));
  const value = text === undefined ? undefined : parseJson(text);
  return isFields(value) ? (value as unknown as TreeRecord) : undefined;
}

/** A file name of its own for each attempt id. */
export function nameOf(attempt: AttemptId): string {
  const safe = (character: string) => (character === "/" ? "_" : `%${character.charCodeAt(0).toString(16)}`);
  return attempt.replace(/[^A-Za-z0-9.-]/g, safe);
}

/**
 * `rm` in a process of its own: 4 times quicker than node's and off its threads (1,050 files: 13 and 47 ms).
 * What it cannot delete stays in the trash; nothing depends on it, and the next start tries again.
 */
async function deleteAll(path: string): Promise<void> {
  if (await succeeds("rm", ["-rf", "--", path])) return;
  // Read-only folders, such as Go's module cache, do not let go of their files.
  await succeeds("chmod", ["-R", "u+rwX", "--", path]);
  await succeeds("rm", ["-rf", "--", path]);
}

function succeeds(command: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => execFile(command, args, (error) => resolve(error === null)));
}
