import pLimit, { type LimitFunction } from "p-limit";
import { present } from "../lib/assert.ts";
import type { Clock } from "../lib/clock.ts";
import { messageOf } from "../lib/errors.ts";
import type { AttemptId } from "../model/records.ts";
import { checkOut } from "./checkout.ts";
import type { Git } from "./git.ts";
import { type Keeper, keepRest, keepWork } from "./keep.ts";
import { mendTree, unlock } from "./mend-tree.ts";
import type { Message } from "./snapshot.ts";
import { Spares } from "./spares.ts";
import type { TeamBranch } from "./team-branch.ts";
import { Tree } from "./tree.ts";
import { unlinkTree } from "./tree-link.ts";
import { nameOf, type TreeRecord, TreeStore } from "./tree-store.ts";
import type { AttemptSpec, Workspace, WorkspaceLimits } from "./workspace.ts";

/** Where a new worktree starts, and where what is done in it is kept. */
export type Start = Pick<TeamBranch, "common" | "tip" | "refOf">;

/** The worktrees that there are, by attempt. */
export class Trees {
  readonly #keeper: Keeper;
  readonly #store: TreeStore;
  readonly #spares: Spares;
  readonly #checkouts: LimitFunction;
  readonly #held = new Map<AttemptId, Promise<Tree>>();

  constructor(options: { git: Git; clock: Clock; root: string; limits: WorkspaceLimits }) {
    const { git, clock, root, limits } = options;
    this.#store = new TreeStore(root);
    this.#spares = new Spares(this.#store, limits.spares);
    this.#keeper = { git, clock, store: this.#store };
    this.#checkouts = pLimit(limits.checkouts);
  }

  /** Where all worktrees are. */
  get folder(): string {
    return this.#store.folder;
  }

  async open(attempt: AttemptSpec, branch: Start): Promise<Workspace> {
    if (!this.#held.has(attempt.id)) {
      const opening = this.#checkouts(() => this.#openTree(attempt, branch));
      this.#held.set(attempt.id, opening);
      opening.catch(() => this.#held.delete(attempt.id));
    }
    const { record } = await this.#tree(attempt.id);
    return { attempt: attempt.id, dir: record.dir, base: record.base };
  }

  async commit(attempt: AttemptId, message: Message): Promise<{ commit: string | null; files: number }> {
    const tree = await this.#tree(attempt);
    return tree.alone(() => keepWork(this.#keeper, tree, message));
  }

  /** From here on, what changes in the worktree is no work. */
  async seal(attempt: AttemptId): Promise<void> {
    (await this.#tree(attempt)).sealed = true;
  }

  /** Where the attempt started, if `commit` is its work as we hold it. */
  async baseOf(attempt: AttemptId, commit: string | null): Promise<string | undefined> {
    const tree = await this.#held.get(attempt);
    return tree?.kept === commit ? tree?.record.base : undefined;
  }

  async release(attempt: AttemptId): Promise<{ commit: string | null }> {
    const tree = (await this.#held.get(attempt)) ?? (await this.#readTree(attempt));
    if (tree === undefined) return { commit: null };
    return tree.alone(async () => {
      if (tree.handed) return { commit: null };
      const commit = await keepRest(this.#keeper, tree);
      await this.#spares.put(tree.record);
      await this.#remove(tree.record);
      this.#held.delete(attempt);
      return { commit };
    });
  }

  /**
   * Gives the worktree of `from`, in which nobody works any more, to `attempt`, with all that is in it. Null when there
   * is none. Where the work of `from` was committed already, it is put back to that: gates may have run in it since.
   */
  async adopt(attempt: AttemptSpec, from: AttemptId, branch: TeamBranch): Promise<Workspace | null> {
    const old = (await this.#held.get(from)) ?? (await this.#readTree(from));
    if (old === undefined) return null;
    return old.alone(async () => {
      const { record } = old;
      if (!(await this.#store.isWhole(record))) return null;
      await mendTree(this.#keeper, old);
      const mine = { ...record, attempt: attempt.id, ref: branch.refOf(attempt.key, attempt.number) };
      await this.#store.hand(mine);
      old.handed = true;
      this.#held.delete(from);
      this.#held.set(attempt.id, Promise.resolve(new Tree(mine)));
      return { attempt: attempt.id, dir: mine.dir, base: mine.base };
    });
  }

  /** Attempts that have a worktree, also from before a restart. */
  async list(): Promise<AttemptId[]> {
    return (await this.#store.list()).map(({ attempt }) => attempt);
  }

  async salvage(live: Pick<ReadonlySet<AttemptId>, "has">): Promise<{ released: number; kept: string[] }> {
    await this.#store.emptyTrash();
    const orphans = (await this.#store.list()).filter((record) => !live.has(record.attempt));
    const kept: string[] = [];
    const releases = orphans.map((record) =>
      this.#checkouts(async () => {
        // One that cannot be saved must not stop the others; the caller tells people of it.
        await this.release(record.attempt).catch((error) => kept.push(`${record.dir}: ${messageOf(error)}`));
      }),
    );
    await Promise.all(releases);
    return { released: orphans.length - kept.length, kept };
  }

  dropSpares(common: string): Promise<void> {
    return this.#spares.drop(common);
  }

  async close(): Promise<void> {
    await this.#spares.drop();
    await this.#store.close();
  }

  async #openTree(attempt: AttemptSpec, branch: Start): Promise<Tree> {
    const name = nameOf(attempt.id);
    const old = await this.#store.read(attempt.id);
    if (old && (await this.#store.isWhole(old))) return this.#takeUp(old);
    const record: TreeRecord = {
      attempt: attempt.id,
      name,
      common: branch.common,
      dir: this.#store.dirOf(name),
      base: branch.tip,
      ref: branch.refOf(attempt.key, attempt.number),
    };
    return this.#checkOut(record);
  }

  async #checkOut(record: TreeRecord, spare = this.#spares.take(record.common)): Promise<Tree> {
    try {
      return await checkOut(this.#keeper.git, this.#store, record, spare);
    } catch (error) {
      // On a full disk the half of a checkout must go. What cannot be removed waits for the next salvage.
      await this.#remove(record).catch(() => {});
      // Perhaps the last agent left something that git cannot clear away: then without it.
      if (spare) return this.#checkOut(record, null);
      throw error;
    }
  }

  /** Goes on in a worktree from before a restart, whose agent may have been killed in mid git. */
  async #takeUp(record: TreeRecord): Promise<Tree> {
    await unlock(this.#keeper, record);
    return new Tree(record);
  }

  /** One from before a restart. */
  async #readTree(attempt: AttemptId): Promise<Tree | undefined> {
    const record = await this.#store.read(attempt);
    return record && new Tree(record);
  }

  async #remove(record: TreeRecord): Promise<void> {
    await this.#store.discard(record.dir);
    await unlinkTree(record);
    await this.#store.forget(record);
  }

  async #tree(attempt: AttemptId): Promise<Tree> {
    return present(await this.#held.get(attempt), `the open workspace of ${attempt}`);
  }
}
