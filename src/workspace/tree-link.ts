/**
 * What makes a folder a linked worktree: `.git/worktrees/NAME` in the repository and a `.git` file in the folder,
 * as gitrepository-layout(5) describes them. We write them ourselves because `git worktree add` makes the folder
 * first and fills it afterwards, and any git that lists the worktrees in between fails. Ours appears and goes in one
 * rename, so nothing has to be serialised, a crash leaves no half of one, and it saves a process.
 */
import { copyFile, lstat, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "./file-errors.ts";
import type { Git } from "./git.ts";
import { hasRefTables } from "./repository.ts";
import type { TreeRecord, TreeStore } from "./tree-store.ts";

/** The worktree's own folder in the repository. */
export function metadataOf(record: TreeRecord): string {
  return join(record.common, "worktrees", record.name);
}

/** Makes a folder that git knows as a detached worktree at the record's base; it may be there, with files. */
export async function linkTree(git: Git, record: TreeRecord): Promise<void> {
  await unlinkTree(record);
  if (hasRefTables(record.common)) return linkByGit(git, record);
  const staged = join(record.common, "godel", record.name);
  await mkdir(staged, { recursive: true });
  await Promise.all([
    writeFile(join(staged, "HEAD"), `${record.base}\n`),
    writeFile(join(staged, "commondir"), "../..\n"),
    writeFile(join(staged, "gitdir"), `${join(record.dir, ".git")}\n`),
    // Keeps `git worktree prune` away, whoever runs it.
    writeFile(join(staged, "locked"), `godel attempt ${record.attempt}\n`),
    mkdir(join(record.common, "worktrees"), { recursive: true }),
    mkdir(record.dir, { recursive: true }),
  ]);
  await rename(staged, metadataOf(record));
  // Never through what an agent put there, such as a link to a file of the user's.
  await rm(join(record.dir, ".git"), { recursive: true, force: true });
  await writeFile(join(record.dir, ".git"), linkText(record));
}

/** Takes the worktree's folder out of the repository, and what a crash left of one. Does nothing twice. */
export async function unlinkTree(record: TreeRecord): Promise<void> {
  const staged = join(record.common, "godel", record.name);
  await rm(staged, { recursive: true, force: true });
  await rm(`${staged}.old`, { recursive: true, force: true });
  if ((await unlessMissing(lstat(metadataOf(record)))) === undefined) return;
  await mkdir(join(record.common, "godel"), { recursive: true });
  await rename(metadataOf(record), `${staged}.old`);
  await rm(`${staged}.old`, { recursive: true, force: true });
}

/** Gives the agent an index of its own, and answers what tells later whether the agent has changed it. */
export async function copyIndex(store: TreeStore, record: TreeRecord): Promise<string | undefined> {
  await copyFile(store.indexOf(record.name), join(metadataOf(record), "index"));
  return indexStamp(record);
}

/** undefined where there is no index, or none any more. */
export async function indexStamp(record: TreeRecord): Promise<string | undefined> {
  const stat = await unlessMissing(lstat(join(metadataOf(record), "index"), { bigint: true }));
  return stat && `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}

/** Puts back the `.git` file where an agent deleted it or began a repository of its own: gates may want git. */
export async function mendLink(store: TreeStore, record: TreeRecord): Promise<void> {
  const file = join(record.dir, ".git");
  const stat = await unlessMissing(lstat(file));
  if (stat?.isFile() && (await readFile(file, "utf8")) === linkText(record)) return;
  if (stat) await store.discard(file);
  await writeFile(file, linkText(record));
}

/** Only git can write a HEAD into tables of refs. Locks, so that no prune takes it meanwhile. */
async function linkByGit(git: Git, record: TreeRecord): Promise<void> {
  const args = ["worktree", "add", "--no-checkout", "--detach", "--lock", record.dir, record.base];
  await git.run(args, { gitDir: record.common });
}

function linkText(record: TreeRecord): string {
  return `gitdir: ${metadataOf(record)}\n`;
}
