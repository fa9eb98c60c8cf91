import type { Millis } from "../lib/clock.ts";
import type { AttemptId, TaskId, TeamId } from "../model/records.ts";
import type { Usage } from "../model/usage.ts";

/** One request to a provider, once it has ended. Of a request that is repeated there is one for each time. */
export interface RequestRecord {
  /** When the agent asked. */
  at: Millis;
  team: TeamId | null;
  task: TaskId | null;
  /** null for planning. */
  attempt: AttemptId | null;
  provider: string;
  model: string;
  /** Host name of the provider. */
  host: string;
  usage: Usage;
  /** From the agent's request until it went out: limits and money were waited for. */
  queueMs: Millis;
  /** From then until the first part of the answer; null where none came. */
  firstMs: Millis | null;
  /** From the agent's request until its end. */
  totalMs: Millis;
  /** `broken`: in mid-stream. `gone`: the agent hung up. `refused`: by the provider, with `status`. `failed`: no answer. */
  outcome: "answered" | "broken" | "gone" | "refused" | "failed";
  status: number | null;
}
