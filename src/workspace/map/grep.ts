import { GodelError } from "../../lib/errors.ts";
import type { Git } from "../git.ts";

/** `git grep` found nothing. */
const nothing = 1;

/**
 * Paths of the text files of `tree` that have a line which matches `query`, a POSIX extended regular expression.
 * @throws GodelError OPTION_RANGE where it is none
 */
export async function grep(git: Git, { gitDir, tree, query }: Record<"gitDir" | "tree" | "query", string>) {
  const how = ["--extended-regexp", "--files-with-matches", "--null", "-I", "--full-name", "--no-recurse-submodules"];
  const { stdout } = await git
    .run(["grep", ...how, "-e", query, tree], { gitDir, answers: [0, nothing] })
    .catch((error) => {
      throw notAnExpression(error, query);
    });
  const names = stdout.toString().split("\0").slice(0, -1);
  return new Set(names.map((name) => name.slice(tree.length + 1)));
}

/** Git has one exit code for all that is fatal; of a bad expression it says `-e option, 'QUERY': REASON`. */
function notAnExpression(error: unknown, query: string): unknown {
  const [, reason] = (error instanceof GodelError && /^git grep: fatal: .*: (.+)$/.exec(error.message)) || [];
  if (reason === undefined || !(error as Error).message.includes(`'${query}'`)) return error;
  return new GodelError("OPTION_RANGE", `--query is no regular expression of grep -E: "${query}": ${reason}.`);
}
