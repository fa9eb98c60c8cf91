import type { Clock, Millis } from "../lib/clock.ts";
import type { Host } from "./host.ts";

export interface HostWatchOptions {
  lookMs: Millis;
  hungAfterMs: Millis;
  clock: Clock;
  onHung(pid: number, silentMs: Millis): void;
}

export interface HostWatch {
  /** Some host has work: look at the busy ones until none is. */
  wake(): void;
  stop(): void;
}

/** Asks busy hosts for signs of life and tells of each silence once. Runs no timer while all hosts are idle. */
export function hostWatch(hosts: ReadonlySet<Host>, options: HostWatchOptions): HostWatch {
  const silent = new WeakSet<Host>();
  let cancel: (() => void) | undefined;

  function wake(): void {
    cancel ??= options.clock.after(options.lookMs, look);
  }

  function look(): void {
    cancel = undefined;
    for (const host of hosts) {
      // A host that is silent stays under watch, whatever became of its prompts.
      if (host.busy === 0 && host.silentMs === 0) continue;
      judge(host);
      host.ping();
      wake();
    }
  }

  function judge(host: Host): void {
    if (host.silentMs < options.hungAfterMs) silent.delete(host);
    else if (!silent.has(host)) {
      silent.add(host);
      options.onHung(host.pid, host.silentMs);
    }
  }

  return { wake, stop: () => cancel?.() };
}
