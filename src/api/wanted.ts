import type { Event } from "../model/events.ts";
import type { TeamId } from "../model/records.ts";

/** What a reader of the stream asks for. */
export interface Wanted {
  team: TeamId;
  /** The last event that it has, by its number; null when it wants only what comes. */
  from: bigint | null;
  /** Whether it is told how the team stands. Default true. */
  status?: boolean;
  /** Whether it is sent events. Default true. */
  events?: boolean;
  /** Only events of these types; null for all, the default. */
  types?: ReadonlySet<string> | null;
}

/** Of all events those that a reader is sent. */
export interface Filter {
  team: TeamId;
  /** Equal for filters that let the same through. */
  key: string;
  passes(type: Event["type"]): boolean;
}

export function filterOf({ team, events = true, types = null }: Wanted): Filter {
  if (!events) return { team, key: `${team} -`, passes: () => false };
  if (types === null) return { team, key: `${team} *`, passes: () => true };
  return { team, key: `${team} ${[...types].sort().join()}`, passes: (type) => types.has(type) };
}
