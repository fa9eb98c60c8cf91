import type { Git } from "./git.ts";
import { commonDir } from "./repository.ts";

export interface Patch {
  lines: string[];
  /** How many there are in all. */
  total: number;
}

/** Longer lines are cut, in characters: they are for people. */
const maxLineChars = 2_000;

/** What a commit changes beside its first parent. No program that the repository names is run for it. */
export async function patchOf(git: Git, asked: { repo: string; commit: string; maxLines: number }): Promise<Patch> {
  const gitDir = await commonDir(git, asked.repo);
  const args = ["show", "--format=", "--patch", "--find-renames", "--no-color", "--no-ext-diff", "--no-textconv"];
  const { stdout } = await git.run([...args, "--first-parent", "--end-of-options", asked.commit], { gitDir });
  const lines = stdout.toString().trimEnd().split("\n");
  const shown = lines.slice(0, asked.maxLines).map((line) => line.slice(0, maxLineChars));
  return { lines: shown, total: lines.length };
}
