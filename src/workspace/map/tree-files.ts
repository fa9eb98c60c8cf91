import type { LeftOut } from "../../model/repo-map.ts";
import type { Git } from "../git.ts";

/** A regular file of a tree. */
export interface TreeFile {
  path: string;
  bytes: number;
  blob: string;
}

/** Content that is read in one run of git, in bytes: what the largest map holds of a repository at a time. */
const batchBytes = 16 * 2 ** 20;
const batchFiles = 5_000;

const regular = new Set(["100644", "100755"]);
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The files of `tree`, in git's order. Links and submodules are counted, not followed, so nothing can go in circles. */
export async function listTree(
  git: Git,
  gitDir: string,
  tree: string,
): Promise<{ files: TreeFile[]; leftOut: LeftOut }> {
  const { stdout } = await git.run(["ls-tree", "-r", "-l", "-z", tree], { gitDir });
  const leftOut: LeftOut = { symlinks: 0, submodules: 0, unreadableNames: 0 };
  const files: TreeFile[] = [];
  for (let from = 0; from < stdout.length; ) {
    const end = stdout.indexOf(0, from);
    const file = readEntry(stdout.subarray(from, end), leftOut);
    if (file) files.push(file);
    from = end + 1;
  }
  return { files, leftOut };
}

/** `MODE TYPE HASH SIZE\tPATH`, with the size padded by spaces. */
function readEntry(entry: Buffer, leftOut: LeftOut): TreeFile | undefined {
  const tab = entry.indexOf(9);
  const [mode = "", , blob = "", size = ""] = entry.toString("latin1", 0, tab).split(/ +/);
  if (mode === "120000") leftOut.symlinks++;
  if (mode === "160000") leftOut.submodules++;
  if (!regular.has(mode)) return undefined;
  try {
    return { path: decoder.decode(entry.subarray(tab + 1)), bytes: Number(size), blob };
  } catch {
    leftOut.unreadableNames++;
    return undefined;
  }
}

/** Contents of `files` as text, in their order; binary ones are "". A batch at a time, so that memory is bounded. */
export async function* readFiles(
  git: Git,
  gitDir: string,
  files: readonly TreeFile[],
): AsyncGenerator<[TreeFile, string]> {
  for (const batch of batches(files)) {
    const input = batch.map(({ blob }) => `${blob}\n`).join("");
    const { stdout } = await git.run(["cat-file", "--batch"], { gitDir, input });
    let from = 0;
    for (const file of batch) {
      // `HASH blob SIZE\n`, the content, `\n`.
      const start = stdout.indexOf(10, from) + 1;
      const end = start + file.bytes;
      yield [file, textOf(stdout.subarray(start, end))];
      from = end + 1;
    }
  }
}

function* batches(files: readonly TreeFile[]): Generator<TreeFile[]> {
  let batch: TreeFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (batch.length === batchFiles || (batch.length > 0 && bytes + file.bytes > batchBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += file.bytes;
  }
  if (batch.length > 0) yield batch;
}

/** A NUL near the beginning is how git itself tells what is binary. */
function textOf(content: Buffer): string {
  return content.subarray(0, 8_000).includes(0) ? "" : content.toString("utf8");
}
