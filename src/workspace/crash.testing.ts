/** Kills a node, with SIGKILL, at a chosen command that it runs. */
import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { git, tempFolder, write } from "./repository.testing.ts";

export interface Crash {
  repo: string;
  root: string;
  /** The program and the beginning of its arguments, e.g. `git update-ref refs/heads/`. */
  at: string;
  when: "before" | "after";
  /** How many released worktrees are kept. Default 0. */
  spares?: number;
}

/** Opens, works, commits, merges and releases the task `task`, and opens `next`, in a process that dies on the way. */
export function crash({ repo, root, at, when, spares = 0 }: Crash): void {
  const bin = tempFolder();
  for (const program of ["git", "rm"]) {
    write(bin, { [program]: wrapper(program) });
    chmodSync(join(bin, program), 0o755);
  }
  const script = join(import.meta.dirname, "crash-life.testing.ts");
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    CRASH_AT: at,
    CRASH_WHEN: when,
    REAL_PATH: process.env.PATH,
  };
  // The runner of tests reads what its children print, so nothing of it may be inherited.
  const { NODE_TEST_CONTEXT: _, ...clean } = env as Record<string, string | undefined>;
  const { signal, stderr } = spawnSync(process.execPath, [script, repo, root, String(spares)], {
    env: clean,
    stdio: "pipe",
  });
  if (signal !== "SIGKILL") throw new Error(`it did not crash at ${at}: ${stderr}`);
}

/** The worktrees that git knows of. */
export function worktreesOf(repo: string): string[] {
  return git(repo, "worktree", "list", "--porcelain")
    .split("\n")
    .filter((line) => line.startsWith("worktree "));
}

function wrapper(program: string): string {
  return `#!/bin/sh
PATH=$REAL_PATH
case "${program} $*" in
  "$CRASH_AT"*)
    [ "$CRASH_WHEN" = after ] && ${program} "$@"
    kill -9 $PPID
    exit 1 ;;
esac
exec ${program} "$@"
`;
}
