import type { Clock, Millis } from "../lib/clock.ts";
import type { ProcessUsage } from "../lib/processes.ts";
import type { AttemptId } from "../model/records.ts";
import type { AttemptQuota } from "../model/resources.ts";
import { excess, type Taken } from "./quota-excess.ts";

export interface QuotaParts {
  clock: Clock;
  /** What the commands of each attempt take now. */
  usage(): Promise<ReadonlyMap<AttemptId, ProcessUsage>>;
  /** What lies in these folders, in bytes, or any number over `atMost`. */
  sizeOf(folders: readonly string[], atMost: number): Promise<number>;
}

interface Watched {
  quota: AttemptQuota;
  /** Where it writes. */
  folders: Set<string>;
  /** So much at least: what a command took between the last look and its end is not seen. */
  cpuMs: Millis;
  seenMs: Millis;
  /** On the disk when that was last measured, and what its commands have written since. */
  diskBytes: number;
  writtenBytes: number;
  seenBytes: number;
  measuredAt: Millis;
  onExceeded(detail: string): void;
}

/** Gap between two looks, in ms: so long may an attempt take more than it is given. */
export const lookMs: Millis = 2_000;
/** Gap between two measurements of what an attempt has on the disk while its commands are not seen to write much, in ms. */
export const measureMs: Millis = 30_000;
/** A look takes at most one part in this many of the time: with many large worktrees it comes more seldom. */
const restPerWork = 4;

/**
 * Looks at what attempts take, and tells of one that takes more than it may. Runs no timer without any.
 *
 * Disk is measured by walking the worktree, which costs some 20 µs a file: only where the commands have written what might
 * be too much, and every 30 s for what they were not seen to write. A quota of the file system would cost nothing, and
 * needs rights and a file system that few have.
 */
export class Quotas {
  readonly #parts: QuotaParts;
  readonly #watched = new Map<AttemptId, Watched>();
  #isLooking = false;

  constructor(parts: QuotaParts) {
    this.#parts = parts;
  }

  /** Tells once. */
  watch(attempt: AttemptId, quota: AttemptQuota, onExceeded: (detail: string) => void): void {
    const measuredAt = this.#parts.clock.monotonic();
    const none = { cpuMs: 0, seenMs: 0, diskBytes: 0, writtenBytes: 0, seenBytes: 0 };
    this.#watched.set(attempt, { quota, folders: new Set(), ...none, measuredAt, onExceeded });
    this.#lookSoon(lookMs);
  }

  /** `attempt` writes in `folder` too. Nothing where it is not bounded. */
  writesIn(attempt: AttemptId, folder: string): void {
    this.#watched.get(attempt)?.folders.add(folder);
  }

  forget(attempt: AttemptId): void {
    this.#watched.delete(attempt);
  }

  #lookSoon(delayMs: Millis): void {
    if (this.#isLooking || this.#watched.size === 0) return;
    this.#isLooking = true;
    this.#parts.clock.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { clock, usage: measure } = this.#parts;
    const startedAt = clock.monotonic();
    const usage = await measure();
    for (const [attempt, watched] of this.#watched) {
      const taken = usage.get(attempt) ?? { rssBytes: 0, processes: 0, cpuMs: 0, writtenBytes: 0 };
      // What has ended takes its time along.
      watched.cpuMs += Math.max(0, taken.cpuMs - watched.seenMs);
      watched.seenMs = taken.cpuMs;
      watched.writtenBytes += Math.max(0, taken.writtenBytes - watched.seenBytes);
      watched.seenBytes = taken.writtenBytes;
      const { rssBytes, processes } = taken;
      this.#judge(attempt, watched, { rssBytes, processes, cpuMs: watched.cpuMs, diskBytes: 0 });
    }
    for (const [attempt, watched] of this.#watched) await this.#lookAtDisk(attempt, watched);
    this.#isLooking = false;
    this.#lookSoon(Math.max(lookMs, restPerWork * (clock.monotonic() - startedAt)));
  }

  async #lookAtDisk(attempt: AttemptId, watched: Watched): Promise<void> {
    const { diskBytes: most } = watched.quota;
    const now = this.#parts.clock.monotonic();
    const mayBe = watched.diskBytes + watched.writtenBytes;
    if (most === undefined || (mayBe <= most && now < watched.measuredAt + measureMs)) return;
    const diskBytes = await this.#parts.sizeOf([...watched.folders], most);
    Object.assign(watched, { diskBytes, writtenBytes: 0, measuredAt: now });
    this.#judge(attempt, watched, { rssBytes: 0, processes: 0, cpuMs: 0, diskBytes });
  }

  /** Nothing of one that has ended, or was told of, while it was measured. */
  #judge(attempt: AttemptId, watched: Watched, taken: Taken): void {
    const detail = excess(watched.quota, taken);
    if (detail === null || this.#watched.get(attempt) !== watched) return;
    this.forget(attempt);
    watched.onExceeded(detail);
  }
}
