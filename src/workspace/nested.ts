/**
 * Repositories that an agent made inside its worktree. Git would record no more of one than a hash that nobody can
 * fetch, and its files would go with the worktree. So they become plain files: we take its `.git` away, with its
 * history. A submodule that `.gitmodules` declares is left as it is.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Change, linkMode, splitZero } from "./changes.ts";
import { unlessMissing } from "./file-errors.ts";
import type { Git, GitRun } from "./git.ts";
import type { TreeStore } from "./tree-store.ts";

/** Paths of untracked repositories. */
export async function findNested(git: Git, run: GitRun): Promise<Buffer[]> {
  const { stdout } = await git.run(["ls-files", "--others", "--exclude-standard", "-z"], run);
  // Without --directory, the only folders in this list are those that git will not look into.
  const slash = "/".charCodeAt(0);
  return splitZero(stdout)
    .filter((path) => path.at(-1) === slash)
    .map((path) => path.subarray(0, -1));
}

/** Paths among `changes` that are new links to a repository which no `.gitmodules` declares. */
export async function undeclaredLinks(dir: string, changes: readonly Change[]): Promise<Buffer[]> {
  const links = changes.filter(({ oldMode, newMode }) => newMode === linkMode && oldMode !== linkMode);
  if (links.length === 0) return [];
  const declared = (await unlessMissing(readFile(join(dir, ".gitmodules"), "utf8"))) ?? "";
  const paths = new Set([...declared.matchAll(/^\s*path\s*=\s*(.+?)\s*$/gm)].map(([, path]) => path));
  return links.map(({ path }) => path).filter((path) => !paths.has(path.toString()));
}

/** Makes plain folders of `nested`. Their files are not in the index yet. */
export async function absorbNested(options: {
  git: Git;
  store: TreeStore;
  run: GitRun;
  dir: string;
  nested: readonly Buffer[];
}): Promise<void> {
  const { git, store, run, dir, nested } = options;
  for (const path of nested) await store.discard(Buffer.concat([Buffer.from(`${dir}/`), path, Buffer.from("/.git")]));
  const input = Buffer.concat(nested.flatMap((path) => [path, Buffer.of(0)]));
  await git.run(["update-index", "--force-remove", "-z", "--stdin"], { ...run, input });
}
