import { setPriority } from "node:os";

/**
 * The niceness (nice(1)) of whatever may wait for a core: agents, their commands, gates, snapshots. An engine and its node
 * answer, give out work and start again as fast on a machine whose agents all build something as on one that is idle.
 */
export const niceness = 10;

/** Lets the calling thread, and what it starts from now on, wait for all others. Nothing happens where the system refuses. */
export function yieldCores(): void {
  try {
    setPriority(0, niceness);
  } catch {
    // A sandbox may forbid it. All goes on as before, only less fairly.
  }
}
