import type { AgentId, AttemptId } from "./records.ts";

/** What is going on in an agent right now; shown, never journaled, newest wins. */
export interface Activity {
  agent: AgentId;
  attempt: AttemptId | null;
  /** One line: the tool it runs, the end of what it says. */
  text: string;
}
