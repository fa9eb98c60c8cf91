import type { Millis } from "../../lib/clock.ts";
import type { AttemptId } from "../../model/records.ts";
import type { NodeResources } from "../../model/resources.ts";
import type { ResourceOptions } from "./options.ts";

export interface AttemptRoom {
  /** Attempts that may begin on this measurement; Infinity where nothing was measured or nothing is set aside. */
  places: number;
  /** For people: what there is, and what each takes of it. */
  why: string;
}

export interface NodeRoom extends AttemptRoom {
  /** Attempts that began a short while ago and still run, by when. */
  begun: Map<AttemptId, Millis>;
}

/**
 * How many attempts the free memory holds beside what is kept.
 *
 * One that has just begun takes nothing measurable yet, so its part is set aside until a measurement shows it. Without that
 * a burst is let in as a whole on one measurement, which is how 24 agents in two minutes froze a server (claude-code #15487).
 */
export function attemptRoom(
  { memory }: Pick<NodeResources, "memory">,
  { memoryPerAttempt, keepMemory }: Pick<ResourceOptions, "memoryPerAttempt" | "keepMemory">,
): AttemptRoom {
  if (memory === null || memoryPerAttempt === 0) return { places: Number.POSITIVE_INFINITY, why: "" };
  const left = Math.max(0, memory.free - Math.min(keepMemory, 0.05 * memory.total));
  const [free, each] = [memory.free, memoryPerAttempt].map((bytes) => `${Math.round(bytes / 1e6)} MB`);
  return {
    places: Math.floor(left / memoryPerAttempt),
    why: `${free} of memory are free, and ${each} are set aside for each attempt that begins`,
  };
}
