/** Why an attempt, and with it perhaps a task, did not work. One word per cause, counted and shown. */
export type FailureReason =
  | "agent-error"
  | "no-diff"
  | "gate"
  | "conflict"
  | "timeout"
  /** It made no progress for too long, went round in a circle, or spent too fast. */
  | "stalled"
  | "loop"
  | "runaway"
  | "budget"
  | "quota"
  | "provider"
  | "workspace"
  /** It failed beside a disk that was full: that says nothing of the task or of the agent, and counts for neither. */
  | "disk-full"
  | "host-lost"
  | "node-lost"
  | "quarantined"
  | "split-refused"
  | "agent-killed"
  | "need-failed"
  | "no-agents"
  | "cancelled";

export interface Failure {
  reason: FailureReason;
  /** For people: at most `maxDetailChars`; the whole output stays with the attempt on its node. */
  detail: string;
}
