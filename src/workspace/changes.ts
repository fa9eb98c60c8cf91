import type { Git, GitRun } from "./git.ts";

/** One path that differs. Paths are bytes: git does not ask them to be UTF-8. */
export interface Change {
  oldMode: string;
  newMode: string;
  path: Buffer;
}

/** The mode of a repository inside a repository. */
export const linkMode = "160000";

/** What the index has beyond the commit `from`. */
export async function changesSince(git: Git, run: GitRun, from: string): Promise<Change[]> {
  const args = ["diff-index", "--cached", "--raw", "--no-renames", "-z", from];
  const parts = splitZero((await git.run(args, run)).stdout);
  const changes: Change[] = [];
  // Pairs of `:OLDMODE NEWMODE HASH HASH STATUS` and a path.
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [oldMode = "", newMode = ""] = (parts[at] ?? "").toString("latin1").slice(1).split(" ");
    changes.push({ oldMode, newMode, path: parts[at + 1] ?? Buffer.of() });
  }
  return changes;
}

/** The parts of `bytes`, each ended by a zero. */
export function splitZero(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}
