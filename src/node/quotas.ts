import type { Clock, Millis } from "../lib/clock.ts";
import type { ProcessUsage } from "../lib/processes.ts";
import type { AttemptId } from "../model/records.ts";
import type { AttemptQuota } from "../model/resources.ts";

export interface QuotaParts {
  clock: Clock;
  /** What the commands of each attempt take now. */
  usage(): Promise<ReadonlyMap<AttemptId, ProcessUsage>>;
}

interface Watched {
  quota: AttemptQuota;
  /** So much at least: what a command took between the last look and its end is not seen. */
  cpuMs: Millis;
  seenMs: Millis;
  onExceeded(detail: string): void;
}

/** Gap between two looks, in ms: so long may an attempt take more than it is given. */
export const lookMs: Millis = 2_000;

/** Looks at what the commands of attempts take, and tells of one that takes more than it may. Runs no timer without any. */
export class Quotas {
  readonly #parts: QuotaParts;
  readonly #watched = new Map<AttemptId, Watched>();
  #isLooking = false;

  constructor(parts: QuotaParts) {
    this.#parts = parts;
  }

  /** Tells once. */
  watch(attempt: AttemptId, quota: AttemptQuota, onExceeded: (detail: string) => void): void {
    this.#watched.set(attempt, { quota, onExceeded, cpuMs: 0, seenMs: 0 });
    this.#lookSoon();
  }

  forget(attempt: AttemptId): void {
    this.#watched.delete(attempt);
  }

  #lookSoon(): void {
    if (this.#isLooking || this.#watched.size === 0) return;
    this.#isLooking = true;
    this.#parts.clock.after(lookMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const usage = await this.#parts.usage();
    for (const [attempt, watched] of this.#watched) {
      const taken = usage.get(attempt) ?? { rssBytes: 0, processes: 0, cpuMs: 0 };
      // What has ended takes its time along.
      watched.cpuMs += Math.max(0, taken.cpuMs - watched.seenMs);
      watched.seenMs = taken.cpuMs;
      const detail = excess(watched.quota, { ...taken, cpuMs: watched.cpuMs });
      if (detail === null) continue;
      this.forget(attempt);
      watched.onExceeded(detail);
    }
    this.#isLooking = false;
    this.#lookSoon();
  }
}

/** What is more than it may be, in a sentence for people. */
function excess(quota: AttemptQuota, { rssBytes, processes, cpuMs }: ProcessUsage): string | null {
  const {
    memoryBytes = Number.POSITIVE_INFINITY,
    processes: most = Number.POSITIVE_INFINITY,
    cpuMs: longest = Number.POSITIVE_INFINITY,
  } = quota;
  if (rssBytes > memoryBytes)
    return `its commands took ${mb(rssBytes)} of memory; resources.maxMemoryPerAttempt is ${mb(memoryBytes)}`;
  if (processes > most) return `its commands were ${processes} processes; resources.maxProcessesPerAttempt is ${most}`;
  if (cpuMs > longest)
    return `its commands took ${cpuMs / 1_000} s of CPU time; resources.maxCpuMsPerAttempt is ${longest / 1_000} s`;
  return null;
}

function mb(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
