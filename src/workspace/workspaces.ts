import { join } from "node:path";
import pLimit, { type LimitFunction } from "p-limit";
import { present } from "../lib/assert.ts";
import type { Clock } from "../lib/clock.ts";
import { resolveOptions } from "../lib/options.ts";
import { shortId, systemRandom } from "../lib/random.ts";
import type { EndedTeam } from "../model/garbage.ts";
import type { TeamBrief } from "../model/link.ts";
import type { AttemptId, TeamId } from "../model/records.ts";
import type { Inspection, RepoMap } from "../model/repo-map.ts";
import { type RedGate, redOnBase } from "./base-gates.ts";
import { withFileErrors } from "./file-errors.ts";
import { type GateOptions, type GateOutcome, runGates } from "./gates.ts";
import { Git } from "./git.ts";
import { mapInThread } from "./map/repo-maps.ts";
import type { MapSelection } from "./map/select.ts";
import { type MergeOutcome, type MergeRequest, merge } from "./merge.ts";
import { deleteRefs, type Judged, judgeTeam } from "./merged-work.ts";
import { type Patch, patchOf } from "./patch.ts";
import { patiently } from "./patience.ts";
import { commonDir, headOf, inspect } from "./repository.ts";
import type { Message } from "./snapshot.ts";
import { takeFile } from "./take-file.ts";
import { TeamBranch } from "./team-branch.ts";
import { Trees } from "./trees.ts";
import { type AttemptSpec, defaultLimits, type Workspace, type WorkspaceLimits } from "./workspace.ts";

/**
 * Worktrees of attempts, their gates, and the merge queues of teams' branches, for all repositories of one node.
 *
 * The user's checkout, index, branch, hooks and identity are never touched. Every method may throw GodelError
 * GIT_FAILED with what git said, or DISK_FULL; each may be called again then. What an attempt cannot do without (its
 * worktree, its commit) is tried for some seconds before that.
 */
export class Workspaces {
  readonly #clock: Clock;
  readonly #limits: WorkspaceLimits;
  readonly #git: Git;
  readonly #trees: Trees;
  readonly #maps: string;
  readonly #baseLog: string;
  readonly #gates: LimitFunction;
  readonly #teams = new Map<TeamId, Promise<TeamBranch>>();
  readonly #closing = new Set<TeamId>();

  /**
   * `root` holds the worktrees. It belongs to one node alone, lies outside every repository, on a disk with room.
   * @throws GodelError HOME_UNUSABLE when it cannot be made
   */
  constructor(options: { root: string; clock: Clock; limits?: Partial<WorkspaceLimits> }) {
    this.#clock = options.clock;
    this.#limits = resolveOptions<WorkspaceLimits>(defaultLimits, options.limits);
    this.#git = new Git(options.clock, { processes: this.#limits.processes, timeoutMs: this.#limits.gitTimeoutMs });
    this.#trees = new Trees({
      git: this.#git,
      clock: options.clock,
      root: options.root,
      limits: this.#limits,
    });
    this.#maps = join(options.root, "maps");
    this.#baseLog = join(options.root, "base-gates.log");
    this.#gates = pLimit(this.#limits.gates);
  }

  /**
   * The main work tree of the repository that `repo` lies in, and the commit at its HEAD. It may be dirty.
   * @throws GodelError REPO_INVALID, REPO_EMPTY, BRANCH_EXISTS
   */
  inspect(repo: string, branch: string): Promise<Inspection> {
    return inspect(this.#git, repo, branch);
  }

  /**
   * What the commit at HEAD holds, with the files of `selection`. Kept by its tree, so that the next question is cheap.
   * @throws GodelError REPO_INVALID, REPO_EMPTY
   */
  async map(repo: string, selection: MapSelection): Promise<RepoMap> {
    const gitDir = await commonDir(this.#git, repo);
    const head = await headOf(this.#git, repo);
    return mapInThread({ gitDir, head, cacheDir: this.#maps, selection });
  }

  /** What `commit` changes, as git shows it: the first `maxLines` lines, and how many there are. @throws GodelError REPO_INVALID */
  patch(repo: string, commit: string, maxLines: number): Promise<Patch> {
    return patchOf(this.#git, { repo, commit, maxLines });
  }

  /** Makes the team's branch at its base if it is not there, and learns what is on it. May be called again. */
  async openTeam(team: TeamBrief): Promise<void> {
    this.#closing.delete(team.id);
    if (!this.#teams.has(team.id)) {
      const opening = TeamBranch.open(this.#git, this.#clock, team);
      this.#teams.set(team.id, opening);
      opening.catch(() => this.#teams.delete(team.id));
    }
    await this.#team(team.id);
  }

  /** Forgets the team once its merges are through. Its branch, refs and worktrees stay. */
  async closeTeam(id: TeamId): Promise<void> {
    const branch = await this.#teams.get(id);
    if (branch === undefined) return;
    this.#closing.add(id);
    await branch.queue(() => {});
    // It was opened again meanwhile.
    if (!this.#closing.delete(id)) return;
    this.#teams.delete(id);
    const others = await Promise.all(this.#teams.values());
    if (others.every(({ common }) => common !== branch.common)) await this.#trees.dropSpares(branch.common);
  }

  /** Deletes what is kept only to be quicker. The last call; worktrees stay. */
  close(): Promise<void> {
    return withFileErrors(() => this.#trees.close());
  }

  /** The worktree of an attempt: the one it has, also from before a restart, or a new one at the branch's tip. */
  async open(attempt: AttemptSpec): Promise<Workspace> {
    const branch = await this.#team(attempt.team);
    return this.#patiently(() => this.#trees.open(attempt, branch));
  }

  /**
   * The worktree of `from`, an attempt that was lost, for one that goes on with it: same folder, same base, all that is
   * in it. From now on it is the new one's alone. Null when it is gone.
   */
  async adopt(attempt: AttemptSpec, from: AttemptId): Promise<Workspace | null> {
    const branch = await this.#team(attempt.team);
    return withFileErrors(() => this.#trees.adopt(attempt, from, branch));
  }

  /** Attempts that have a worktree, also from before a restart. */
  list(): Promise<AttemptId[]> {
    return withFileErrors(() => this.#trees.list());
  }

  /**
   * Keeps everything in the worktree as one commit on its base, under the attempt's ref: untracked files and the
   * agent's own commits too, ignored files not. `commit` is null when nothing differs from the base.
   */
  commit(workspace: Workspace, message: Message): Promise<{ commit: string | null; files: number }> {
    return this.#patiently(() => this.#trees.commit(workspace.attempt, message));
  }

  /** The text of the file `name` at the top of the worktree, which is taken out of it; null where there is none. */
  take({ dir }: Workspace, name: string): Promise<string | null> {
    return withFileErrors(() => takeFile(join(dir, name)));
  }

  /** What git holds of a team that is over; with `remove` all of it that is merged is deleted. Null where the repository is gone. */
  async collect(team: EndedTeam, remove: boolean): Promise<Judged[] | null> {
    const looked = await judgeTeam(this.#git, team, this.#trees.folder);
    if (!remove || looked === null) return looked?.refs ?? null;
    const { common, refs } = looked;
    const moved = await deleteRefs(
      this.#git,
      common,
      refs.filter(({ merged }) => merged),
    );
    const why = "it was moved while it was looked at";
    return refs.map((ref) => (moved.includes(ref) ? { ...ref, merged: false, why } : ref));
  }

  /** Waits for its turn, then runs the gates in the worktree. What they change there is no work and is not kept. */
  async runGates(workspace: Workspace, gates: readonly string[], options: GateOptions): Promise<GateOutcome> {
    if (gates.length === 0) return { passed: true };
    const run = { ...options, clock: this.#clock, maxLogBytes: this.#limits.maxGateLogBytes };
    return this.#gates(async () => {
      if (!options.signal.aborted) await this.#trees.seal(workspace.attempt);
      return withFileErrors(() => runGates(gates, { ...run, attempt: workspace.attempt, dir: workspace.dir }));
    });
  }

  /**
   * Those of `gates` that fail on `commit`, or on the one at HEAD of `repo`, before any work.
   * @throws GodelError REPO_INVALID, REPO_EMPTY
   */
  redOnBase(
    { repo, commit, gates }: { repo: string; commit: string | null; gates: readonly string[] },
    options: Omit<GateOptions, "logFile">,
  ): Promise<RedGate[]> {
    const limits = { maxLogBytes: this.#limits.maxGateLogBytes, turn: this.#gates };
    const parts = {
      git: this.#git,
      trees: this.#trees,
      clock: this.#clock,
      ...limits,
      commit,
      id: shortId(systemRandom, "b"),
    };
    return withFileErrors(() => redOnBase(parts, repo, gates, { ...options, logFile: this.#baseLog }));
  }

  /**
   * Puts an attempt's commit on its team's branch, one commit a task, in the order of the calls. Asked again for an
   * attempt that is there already it answers the same commit.
   * @throws GodelError BRANCH_CHECKED_OUT while a work tree of the user's has the branch checked out
   */
  async merge(request: MergeRequest): Promise<MergeOutcome> {
    const branch = await this.#team(request.team);
    const base = await this.#trees.baseOf(request.attempt, request.commit);
    return branch.queue(() => merge({ git: this.#git, branch, request, base, ours: this.#trees.folder }));
  }

  /** Keeps what is not committed yet under the attempt's ref, then removes the worktree. Nothing to do twice. */
  release(attempt: AttemptId): Promise<{ commit: string | null }> {
    return withFileErrors(() => this.#trees.release(attempt));
  }

  /**
   * After a crash: releases every worktree that no attempt in `live` owns. `kept` names those whose work could not
   * be saved, and why; they are left as they are.
   */
  salvage(live: Pick<ReadonlySet<AttemptId>, "has">): Promise<{ released: number; kept: string[] }> {
    return withFileErrors(() => this.#trees.salvage(live));
  }

  /** For what an attempt cannot do without. */
  #patiently<T>(work: () => Promise<T>): Promise<T> {
    return patiently(this.#clock, this.#limits.gitPatienceMs, () => withFileErrors(work));
  }

  async #team(id: TeamId): Promise<TeamBranch> {
    return present(await this.#teams.get(id), `the open team ${id}`);
  }
}
