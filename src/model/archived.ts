import type { TaskState } from "./states.ts";

/** What is still known of a team that left the state. */
export interface Archived {
  version: string;
  parts: number;
  counts: {
    taskCounts: Record<TaskState, number>;
    failedAgents: number;
    lostAgents: number;
    started: number;
    startsFailed: number;
  };
}

/** The team that a task or an attempt belongs to. */
export function teamIn(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf("/")));
}
