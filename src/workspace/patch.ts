import type { Git } from "./git.ts";
import { commonDir } from "./repository.ts";

export interface Patch {
  /** Null where there is none of that name. */
  commit: string | null;
  lines: string[];
  /** How many there are in all. */
  total: number;
}

/** Longer lines are cut, in characters: they are for people. */
const maxLineChars = 2_000;

/** What a commit, by its id or a ref, changes beside its first parent. No program that the repository names is run for it. */
export async function patchOf(git: Git, asked: { repo: string; commit: string; maxLines: number }): Promise<Patch> {
  const gitDir = await commonDir(git, asked.repo);
  const find = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${asked.commit}^{commit}`];
  const commit = (await git.text(find, { gitDir, answers: [0, 1] })).split("\n").at(-1) ?? "";
  if (commit === "") return { commit: null, lines: [], total: 0 };
  const args = ["show", "--format=", "--patch", "--find-renames", "--no-color", "--no-ext-diff", "--no-textconv"];
  const { stdout } = await git.run([...args, "--first-parent", "--end-of-options", commit], { gitDir });
  const lines = stdout.toString().trimEnd().split("\n");
  const shown = lines.slice(0, asked.maxLines).map((line) => line.slice(0, maxLineChars));
  return { commit, lines: shown, total: lines.length };
}
