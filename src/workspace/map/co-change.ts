import type { Git } from "../git.ts";

/** Commits looked at; what lies further back says little of how work is done now. */
const maxCommits = 400;
/** A commit of more files is a reformat or a release: it ties everything to everything. */
const maxCommitFiles = 20;
const maxPairs = 5_000;

/**
 * Files that change together in the newest commits, as pairs of indices with their count, most often first; pairs seen
 * once are left out.
 * Source: Zimmermann et al., "Mining version histories to guide software changes", ICSE 2004.
 */
export async function changeTogether(
  git: Git,
  gitDir: string,
  head: string,
  find: (path: string) => number | undefined,
): Promise<[number, number, number][]> {
  const args = [
    "log",
    `--max-count=${maxCommits}`,
    "--no-merges",
    "--no-renames",
    "--name-only",
    "--format=%x01",
    "-z",
    head,
  ];
  const { stdout } = await git.run(args, { gitDir });
  const counts = new Map<string, number>();
  for (const commit of stdout.toString("utf8").split("\x01")) {
    const names = commit
      .split("\0")
      .map((name) => name.trim())
      .filter((name) => name !== "");
    if (names.length > maxCommitFiles) continue;
    const files = names
      .map(find)
      .filter((file) => file !== undefined)
      .sort((a, b) => a - b);
    for (const [i, one] of files.entries()) {
      for (const other of files.slice(i + 1)) counts.set(`${one} ${other}`, (counts.get(`${one} ${other}`) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .sort(([, a], [, b]) => b - a)
    .slice(0, maxPairs)
    .map(([pair, count]) => {
      const [one = 0, other = 0] = pair.split(" ").map(Number);
      return [one, other, count];
    });
}
