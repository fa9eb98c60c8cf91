import { type Clock, type Millis, sleep } from "../lib/clock.ts";
import { codeOf } from "../lib/errors.ts";

/** Before the second try, in ms; each further one is three times as long. */
const firstWaitMs: Millis = 200;

/**
 * What `work` answers, which may be asked again, once git does not fail it: a git that was killed says nothing of the
 * work, and what it has locked is ours to break once the lock is stale. @throws the failure of git after `patienceMs`
 */
export async function patiently<T>(clock: Clock, patienceMs: Millis, work: () => Promise<T>): Promise<T> {
  const end = clock.monotonic() + patienceMs;
  for (let waitMs = firstWaitMs; ; waitMs *= 3) {
    try {
      return await work();
    } catch (error) {
      const leftMs = end - clock.monotonic();
      if (codeOf(error) !== "GIT_FAILED" || leftMs <= 0) throw error;
      await sleep(clock, Math.min(waitMs, leftMs));
    }
  }
}
