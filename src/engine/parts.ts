/** What an engine is made of, and who hears it. */
import type { Journal } from "../journal/journal.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { Event } from "../model/events.ts";
import type { EngineOptions } from "./options.ts";
import type { TakeSnapshot } from "./snapshots.ts";

export interface EngineParts {
  journal: Journal;
  clock: Clock;
  random: Random;
  options?: Partial<EngineOptions>;
  /** Where snapshots come from. Default: a replay in this thread, which stalls the loop of a large fleet. */
  takeSnapshot?: TakeSnapshot;
  /** Told what was damaged and got around, for the log. */
  report?(line: string): void;
  /** Called when the engine can't go on: its memory is ahead of its journal. The process must end. */
  onFatal(error: unknown): void;
}

/** Events that are durable now, in order, and the number of the last. */
export type Listener = (events: readonly Event[], seq: bigint) => void;
