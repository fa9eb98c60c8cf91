import { GodelError } from "../lib/errors.ts";
import type { AttemptId, TeamId } from "../model/records.ts";
import { explainConflict } from "./conflict.ts";
import type { Git } from "./git.ts";
import { checkedOutAt } from "./repository.ts";
import { commitTree } from "./snapshot.ts";
import { type TeamBranch, trailers } from "./team-branch.ts";

export interface MergeRequest {
  attempt: AttemptId;
  team: TeamId;
  key: string;
  title: string;
  /** null: nothing changed, and nothing had to. */
  commit: string | null;
}

export type MergeOutcome = { merged: string } | { conflict: string };

interface Merge {
  git: Git;
  branch: TeamBranch;
  request: MergeRequest;
  /** The commit that the attempt started from, if it is known: at the tip there is nothing to merge with. */
  base: string | undefined;
  /** Folder of our own worktrees. */
  ours: string;
}

/** How often a branch may be moved by others during one merge. */
const maxTries = 3;

/**
 * Puts an attempt on its team's branch as one commit on top, or says what it conflicts with.
 *
 * Works on objects alone: no checkout, no index, no work tree. The one step that shows is the compare-and-swap of
 * the branch, so a crash before it changes nothing, and one after it is found by the trailer of the commit.
 */
export async function merge(options: Merge): Promise<MergeOutcome> {
  const { branch, request } = options;
  for (let tries = 0; tries < maxTries; tries++) {
    const known = branch.merged.get(request.attempt);
    if (known !== undefined) return { merged: known };
    if (request.commit === null) return { merged: branch.tip };
    await refuseCheckedOut(options);
    const tree = await mergedTree(options, request.commit);
    if (typeof tree !== "string") return { conflict: await explainConflict(options.git, branch, request.commit, tree) };
    const commit = await commitMerged(options, tree);
    if (await branch.advance(request.attempt, commit)) return { merged: commit };
    await branch.refresh();
  }
  throw new GodelError("GIT_FAILED", `somebody else keeps moving the branch ${branch.team.branch}`);
}

/** Moving a branch under a checkout would show its files as changed back. */
async function refuseCheckedOut({ branch, ours }: Merge): Promise<void> {
  const place = await checkedOutAt(branch.common, branch.team.branch, ours);
  if (place === undefined) return;
  throw new GodelError("BRANCH_CHECKED_OUT", `${branch.team.branch} is checked out in ${place}`);
}

/** The tree of branch and commit merged, or git's account of what conflicts. */
async function mergedTree({ git, branch, base }: Merge, commit: string): Promise<string | Buffer> {
  if (base === branch.tip) return `${commit}^{tree}`;
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", branch.tip, commit];
  const { code, stdout } = await git.run(args, { gitDir: branch.common, answers: [0, 1] });
  return code === 1 ? stdout : stdout.toString().split("\0", 1).join("");
}

function commitMerged({ git, branch, request }: Merge, tree: string): Promise<string> {
  const body = `${trailers.task}: ${request.key}\n${trailers.attempt}: ${request.attempt}`;
  const message = { subject: request.title, body };
  return commitTree(git, { gitDir: branch.common }, { tree, parent: branch.tip, message });
}
