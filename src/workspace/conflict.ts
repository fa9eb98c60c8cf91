import { splitZero } from "./changes.ts";
import type { Git } from "./git.ts";
import { type TeamBranch, trailers } from "./team-branch.ts";

/** Bounds of one explanation: it goes into a prompt. What is left out is said. */
const limits = { files: 8, hunksPerFile: 3, linesPerHunk: 30, lineChars: 200, chars: 3_500, commits: 5 } as const;

/**
 * What `commit` conflicts with on the branch, for the agent that must do it again: the files, who touched them there,
 * and both sides of each hunk. `account` is the output of `merge-tree -z --name-only`.
 */
export async function explainConflict(git: Git, branch: TeamBranch, commit: string, account: Buffer): Promise<string> {
  const [tree = "", ...rest] = splitZero(account).map(String);
  const files = [...new Set(rest.slice(0, rest.indexOf("")))];
  const shown = files.slice(0, limits.files);
  const [commits, contents] = await Promise.all([
    commitsOn(git, branch, commit, shown),
    contentsOf(git, branch, tree, shown),
  ]);
  const parts = shown.map((file, index) => describeFile(file, commits.get(file) ?? [], contents[index] ?? ""));
  if (files.length > shown.length) parts.push(`and ${files.length - shown.length} more files`);
  const head = `The work does not merge into ${branch.team.branch}: ${files.length} ${files.length === 1 ? "file conflicts" : "files conflict"}.`;
  return cut([head, ...parts].join("\n\n"));
}

function describeFile(file: string, commits: string[], content: string): string {
  const hunks = hunksOf(content);
  const lines = [`${file}`];
  if (commits.length > 0) lines.push(`  changed on the branch by ${commits.slice(0, limits.commits).join(", ")}`);
  if (hunks.length === 0) lines.push("  one side deleted, moved or replaced what the other changed");
  for (const hunk of hunks.slice(0, limits.hunksPerFile)) lines.push(hunk);
  if (hunks.length > limits.hunksPerFile) lines.push(`  and ${hunks.length - limits.hunksPerFile} more hunks`);
  return lines.join("\n");
}

/** Both sides of each conflict in a file, with names in place of hashes. */
function hunksOf(content: string): string[] {
  const hunks = content.match(/^<<<<<<< [\s\S]*?^>>>>>>> .*$/gm) ?? [];
  return hunks.map((hunk) => {
    const lines = hunk.split("\n").map((line) => line.slice(0, limits.lineChars));
    lines[0] = "<<<<<<< on the branch";
    lines[lines.length - 1] = ">>>>>>> in this attempt";
    if (lines.length <= limits.linesPerHunk) return lines.join("\n");
    const half = limits.linesPerHunk / 2;
    const left = lines.length - limits.linesPerHunk;
    return [...lines.slice(0, half), `  (${left} lines left out)`, ...lines.slice(-half)].join("\n");
  });
}

/** By file, the commits on the branch that `commit` has not seen: `KEY (SUBJECT)`, newest first. */
async function commitsOn(
  git: Git,
  branch: TeamBranch,
  commit: string,
  files: string[],
): Promise<Map<string, string[]>> {
  const format = `--format=%x01%(trailers:key=${trailers.task},valueonly,separator=%x20)%x02%s`;
  const args = ["log", "-z", "--name-only", format, branch.tip, "--not", commit, "--", ...files];
  const log = await git.text(args, { gitDir: branch.common });
  const touched = new Map<string, string[]>();
  for (const entry of log.split("\x01").slice(1)) {
    const [title = "", ...names] = entry.split("\0").map((name) => name.trim());
    const [key, subject] = title.split("\x02");
    const label = key ? `task ${key} (${subject})` : `"${subject}"`;
    for (const name of names.filter((name) => name !== "")) touched.set(name, [...(touched.get(name) ?? []), label]);
  }
  return touched;
}

/** The merged files with their conflict markers, in the order of `files`; "" for one that is not there. */
async function contentsOf(git: Git, branch: TeamBranch, tree: string, files: string[]): Promise<string[]> {
  // The batch takes a line for a name, so a name with a line break in it has to do without its hunks.
  const input = files.map((file) => `${tree}:${file.includes("\n") ? "" : file}\n`).join("");
  const { stdout } = await git.run(["cat-file", "--batch"], { gitDir: branch.common, input });
  return readBatch(stdout, files.length);
}

/** Answers of `cat-file --batch`: `HASH blob SIZE`, the content and a line break, or one line that ends in `missing`. */
function readBatch(output: Buffer, count: number): string[] {
  const contents: string[] = [];
  for (let at = 0; contents.length < count && at < output.length; ) {
    const end = output.indexOf("\n", at);
    const [, type, size] = output.subarray(at, end).toString("latin1").split(" ").slice(-3);
    at = end + 1;
    const length = Number(size);
    if (!Number.isInteger(length)) {
      contents.push("");
      continue;
    }
    contents.push(type === "blob" ? output.subarray(at, at + length).toString() : "");
    at += length + 1;
  }
  return contents;
}

function cut(text: string): string {
  return text.length <= limits.chars ? text : `${text.slice(0, limits.chars - 20)}\n(and more left out)`;
}
