import { present } from "../lib/assert.ts";
import { type Millis, sleep } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { TeamBrief } from "../model/link.ts";
import type { AttemptId, NodeId, TeamId } from "../model/records.ts";
import type { Worktrees } from "../node/ports.ts";
import type { GateOptions, GateOutcome, MergeOutcome, MergeRequest, Workspace } from "../workspace/index.ts";
import type { Dice } from "./dice.ts";
import { brokenPath, type GitWorld } from "./git-world.ts";
import { splitOf } from "./script.ts";
import type { Process } from "./timeline.ts";
import type { GitStep, Trouble } from "./trouble.ts";

type AttemptSpec = Parameters<Worktrees["open"]>[0];

interface Team {
  /** The merge queue: its newest entry. */
  last: Promise<unknown>;
}

/**
 * Worktrees, gates and merges of one node process, on a `GitWorld` that outlives it. It keeps the promises of
 * `Workspaces`, down to which calls need an open team, and takes its time: a crash may fall before or after the effect.
 */
export class SimWorktrees implements Worktrees {
  readonly #node: NodeId;
  readonly #process: Process;
  readonly #git: GitWorld;
  readonly #dice: Dice;
  readonly #trouble: Trouble;
  readonly #die: () => void;
  readonly #teams = new Map<TeamId, Team>();
  readonly #closing = new Set<TeamId>();

  constructor(parts: { id: NodeId; process: Process; git: GitWorld; dice: Dice; trouble: Trouble; die(): void }) {
    this.#node = parts.id;
    this.#process = parts.process;
    this.#git = parts.git;
    this.#dice = parts.dice;
    this.#trouble = parts.trouble;
    this.#die = parts.die;
  }

  async inspect(repo: string) {
    return { repo, base: "base" };
  }

  async map() {
    const nothing = { files: [], changeTogether: [], languages: [], packages: [], testCommands: [], entryPoints: [] };
    return {
      ...nothing,
      tree: "tree",
      total: 0,
      matched: 0,
      leftOut: { symlinks: 0, submodules: 0, unreadableNames: 0 },
    };
  }

  /** No person asks for it here. */
  async collect() {
    return null;
  }

  async patch() {
    return { commit: null, lines: [], total: 0 };
  }

  async redOnBase() {
    return [];
  }

  async openTeam({ id }: TeamBrief): Promise<void> {
    this.#closing.delete(id);
    if (!this.#teams.has(id)) {
      await this.#takes(5, 50, () => this.#git.openBranch(id));
      if (!this.#teams.has(id)) this.#teams.set(id, { last: Promise.resolve() });
    }
    this.#team(id);
  }

  async closeTeam(id: TeamId): Promise<void> {
    const team = this.#teams.get(id);
    if (!team) return;
    this.#closing.add(id);
    await queued(team, async () => {});
    if (this.#closing.delete(id)) this.#teams.delete(id);
  }

  async open({ id, team, key }: AttemptSpec): Promise<Workspace> {
    this.#team(team);
    const { base } = await this.#takes(
      50,
      2_000,
      () => this.#git.openTree({ node: this.#node, attempt: id, team, key }),
      "open",
    );
    return { attempt: id, dir: id, base: String(base) };
  }

  async adopt({ id, team }: AttemptSpec, from: AttemptId): Promise<Workspace | null> {
    this.#team(team);
    const tree = await this.#takes(5, 100, () => this.#git.adopt(this.#node, id, from), "adopt");
    return tree && { attempt: id, dir: id, base: String(tree.base) };
  }

  async list(): Promise<AttemptId[]> {
    return this.#git.on(this.#node);
  }

  async commit({ attempt }: Workspace): Promise<{ commit: string | null; files: number }> {
    const kept = await this.#takes(20, 200, () => this.#git.keep(this.#tree(attempt)), "commit");
    return { commit: kept?.id ?? null, files: kept?.changes.size ?? 0 };
  }

  async take({ attempt }: Workspace, name: string): Promise<string | null> {
    return this.#takes(1, 5, () => (this.#tree(attempt).changes.delete(name) ? splitOf(attempt) : null));
  }

  async runGates({ attempt }: Workspace, gates: readonly string[], options: GateOptions): Promise<GateOutcome> {
    const [gate] = gates;
    if (gate === undefined) return { passed: true };
    await sleep(this.#process, this.#dice.between(0, 2_000), options.signal);
    const tree = this.#tree(attempt);
    if (!options.signal.aborted) tree.sealed = true;
    const hangs = this.#trouble.isOn("gate-hang");
    await sleep(this.#process, hangs ? options.timeoutMs : this.#dice.between(500, 30_000), options.signal);
    if (options.signal.aborted || hangs) return { passed: false, gate, exitCode: null, tail: "" };
    const fails = tree.changes.has(brokenPath) || (this.#trouble.agentsMayFail && this.#dice.chance(0.02));
    return fails ? { passed: false, gate, exitCode: 1, tail: "no" } : { passed: true };
  }

  merge(request: MergeRequest): Promise<MergeOutcome> {
    return queued(this.#team(request.team), async () => {
      if (this.#trouble.isOn("checked-out")) {
        await this.#takes(5, 20, () => {});
        throw new GodelError("BRANCH_CHECKED_OUT", "the branch is checked out");
      }
      return this.#takes(20, 300, () => this.mergeNow(request), "merge");
    });
  }

  protected mergeNow({ attempt, team, commit }: MergeRequest): MergeOutcome {
    if (commit === null) return { merged: this.#git.branch(team).at(-1)?.id ?? "base" };
    const kept = present(this.#git.refs.get(attempt), `the kept work of ${attempt}`);
    const merged = this.#git.merge(team, kept);
    return merged ? { merged: merged.id } : { conflict: "both changed the same file" };
  }

  async release(attempt: AttemptId): Promise<{ commit: string | null }> {
    return this.#takes(20, 200, () => ({ commit: this.releaseNow(attempt) }), "release");
  }

  protected releaseNow(attempt: AttemptId): string | null {
    const tree = this.#git.trees.get(attempt);
    if (!tree) return null;
    const kept = this.#git.keep(tree);
    this.#git.trees.delete(attempt);
    return kept?.id ?? null;
  }

  async salvage(live: { has(attempt: AttemptId): boolean }): Promise<{ released: number; kept: string[] }> {
    const orphans = this.#git.on(this.#node).filter((attempt) => !live.has(attempt));
    const kept: string[] = [];
    for (const attempt of orphans) await this.release(attempt).catch(() => kept.push(attempt));
    return { released: orphans.length - kept.length, kept };
  }

  async close(): Promise<void> {}

  /** Does `effect` somewhere within the time it takes. */
  async #takes<T>(low: Millis, high: Millis, effect: () => T, step?: GitStep): Promise<T> {
    const total = this.#dice.between(low, high);
    const before = this.#dice.between(0, total);
    await sleep(this.#process, before);
    if (this.#trouble.isOn("disk-full")) throw new GodelError("DISK_FULL", "no space left on device");
    if (this.#trouble.isOn("git-fails") && this.#dice.chance(0.3)) throw new GodelError("GIT_FAILED", "git said no");
    const result = effect();
    if (step === this.#trouble.nextToDieIn && step !== undefined) {
      this.#trouble.nextToDieIn = null;
      this.#die();
    }
    await sleep(this.#process, total - before);
    return result;
  }

  #team(id: TeamId): Team {
    return present(this.#teams.get(id), `the open team ${id}`);
  }

  #tree(attempt: AttemptId) {
    return present(this.#git.trees.get(attempt), `the open workspace of ${attempt}`);
  }
}

/** Runs `task` after all that were queued before, whatever became of them. */
function queued<T>(team: Team, task: () => Promise<T>): Promise<T> {
  const run = team.last.then(task);
  team.last = run.catch(() => {});
  return run;
}
