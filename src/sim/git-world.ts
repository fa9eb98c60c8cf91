import { assert, present } from "../lib/assert.ts";
import type { AttemptId, NodeId, TeamId } from "../model/records.ts";

/** What was changed: a path, and which attempt wrote what there. */
export type Changes = Map<string, string>;

export interface Commit {
  id: string;
  attempt: AttemptId;
  /** The task's id in its plan. */
  key: string;
  /** How many commits the branch had when its work began. */
  base: number;
  changes: Changes;
}

export interface Tree {
  /** Where it lies. */
  node: NodeId;
  attempt: AttemptId;
  team: TeamId;
  key: string;
  /** How many commits the team's branch had when it was made. */
  base: number;
  changes: Changes;
  /** What gates left behind is no work. */
  sealed: boolean;
}

/** In a worktree by this name, gates fail. */
export const brokenPath = "broken";

/** All repositories: branches, refs and worktrees. They outlive every process, as files do. */
export class GitWorld {
  readonly branches = new Map<TeamId, Commit[]>();
  /** What is kept of each attempt, under its ref. */
  readonly refs = new Map<AttemptId, Commit>();
  readonly trees = new Map<AttemptId, Tree>();
  /** All that agents ever wrote, whatever became of it. */
  readonly written = new Map<AttemptId, Changes>();
  /** Goes up with each commit on a branch. */
  version = 0;
  #commits = 0;

  openBranch(team: TeamId): void {
    if (!this.branches.has(team)) this.branches.set(team, []);
  }

  openTree(spec: Pick<Tree, "node" | "attempt" | "team" | "key">): Tree {
    const old = this.trees.get(spec.attempt);
    if (old) return old;
    const tree: Tree = { ...spec, base: this.branch(spec.team).length, changes: new Map(), sealed: false };
    this.trees.set(spec.attempt, tree);
    return tree;
  }

  /** All that lie on one node. */
  on(node: NodeId): AttemptId[] {
    return [...this.trees.values()].flatMap((tree) => (tree.node === node ? [tree.attempt] : []));
  }

  /** Gives a worktree to another attempt, as it is; where its work was kept already, as it was then. Null when it is gone, or elsewhere. */
  adopt(node: NodeId, attempt: AttemptId, from: AttemptId): Tree | null {
    const tree = this.trees.get(from);
    if (tree?.node !== node) return null;
    const kept = this.refs.get(from);
    const changes = new Map(kept?.changes ?? tree.changes);
    this.trees.delete(from);
    this.trees.set(attempt, { ...tree, attempt, changes, sealed: false });
    // What is not kept yet is now the other's to keep.
    if (!kept) this.written.delete(from);
    this.written.set(attempt, new Map(changes));
    return tree;
  }

  /** An agent at work. What it writes once its worktree is gone is lost by its own fault. */
  write(attempt: AttemptId, path: string, text: string): void {
    const tree = this.trees.get(attempt);
    if (!tree || tree.sealed) return;
    tree.changes.set(path, text);
    const written = this.written.get(attempt) ?? new Map();
    this.written.set(attempt, written.set(path, text));
  }

  /** Keeps what is in the worktree under the attempt's ref. The same commit while nothing changes. */
  keep(tree: Tree): Commit | null {
    const kept = this.refs.get(tree.attempt) ?? null;
    if (tree.changes.size === 0 || tree.sealed) return kept;
    if (kept && sameChanges(kept.changes, tree.changes)) return kept;
    const commit = this.#commit({ ...tree, changes: new Map(tree.changes) });
    this.refs.set(tree.attempt, commit);
    return commit;
  }

  /** Puts kept work on the branch, as one commit; the same one when it is there. Null when it clashes. */
  merge(team: TeamId, kept: Commit): Commit | null {
    const branch = this.branch(team);
    // It can't be there before its work began.
    let clash = false;
    for (let i = kept.base; i < branch.length; i++) {
      const commit = branch[i] as Commit;
      if (commit.attempt === kept.attempt) return commit;
      clash ||= overlap(commit.changes, kept.changes);
    }
    return clash ? null : this.append(team, kept);
  }

  append(team: TeamId, kept: Commit): Commit {
    const commit = this.#commit(kept);
    this.branch(team).push(commit);
    this.version++;
    return commit;
  }

  branch(team: TeamId): Commit[] {
    return present(this.branches.get(team), `branch of ${team}`);
  }

  #commit({ attempt, key, base, changes }: Omit<Commit, "id">): Commit {
    assert(changes.size > 0, `an empty commit of ${attempt}`);
    return { id: `c${++this.#commits}`, attempt, key, base, changes };
  }
}

function overlap(a: Changes, b: Changes): boolean {
  for (const path of a.keys()) if (b.has(path)) return true;
  return false;
}

function sameChanges(a: Changes, b: Changes): boolean {
  return a.size === b.size && [...a].every(([path, text]) => b.get(path) === text);
}
