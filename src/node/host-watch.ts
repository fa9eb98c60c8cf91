import type { Clock, Millis } from "../lib/clock.ts";
import type { Host } from "./host.ts";

export interface HostWatchOptions {
  lookMs: Millis;
  idleLookMs: Millis;
  hungAfterMs: Millis;
  clock: Clock;
  onHung(pid: number, silentMs: Millis): void;
}

export interface HostWatch {
  /** Some host has work, or is new: look more often until all are idle. */
  wake(): void;
  stop(): void;
}

/**
 * Asks hosts for signs of life and tells of each silence once: hosts that have work at every look, idle ones less often.
 * Runs no timer while there are no hosts.
 */
export function hostWatch(hosts: ReadonlySet<Host>, options: HostWatchOptions): HostWatch {
  const { clock, lookMs, idleLookMs } = options;
  const silent = new WeakSet<Host>();
  /** When all hosts were last asked. */
  let allAt = clock.monotonic();
  let next: { delay: Millis; cancel(): void } | undefined;

  function lookIn(delay: Millis): void {
    next?.cancel();
    next = { delay, cancel: clock.after(delay, () => look(delay === idleLookMs)) };
  }

  function wake(): void {
    if (next?.delay !== lookMs) lookIn(lookMs);
  }

  function look(idle: boolean): void {
    next = undefined;
    const all = idle || clock.monotonic() - allAt >= idleLookMs;
    if (all) allAt = clock.monotonic();
    let watched = 0;
    for (const host of hosts) {
      // A host that is silent stays under watch, whatever became of its prompts.
      const isWatched = host.busy > 0 || host.silentMs > 0;
      if (isWatched) watched++;
      if (host.isUp && (isWatched || all)) {
        judge(host);
        host.ping();
      }
    }
    if (hosts.size > 0) lookIn(watched > 0 ? lookMs : idleLookMs);
  }

  function judge(host: Host): void {
    if (host.silentMs < options.hungAfterMs) silent.delete(host);
    else if (!silent.has(host)) {
      silent.add(host);
      options.onHung(host.pid, host.silentMs);
    }
  }

  return { wake, stop: () => next?.cancel() };
}
