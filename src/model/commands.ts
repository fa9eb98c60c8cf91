/** What may be asked of the engine. A command is never stored; the events it causes are. */
import type { Report } from "./link.ts";
import type { Plan } from "./plan.ts";
import type { Evidence } from "./reasons.ts";
import type { AgentId, NodeId, TaskId, TeamId, TeamSpec } from "./records.ts";
import type { NodeResources } from "./resources.ts";
import type { Share } from "./share.ts";
import type { Usage } from "./usage.ts";

export type Command =
  // From people and programs.
  /** With a plan, or to be planned from its goal. */
  | { type: "createTeam"; team: TeamSpec; plan: Plan | null }
  | { type: "planTeam"; team: TeamId; plan: Plan }
  /** Which of the team's gates fail before any work; none is an answer too. */
  | { type: "noteRedGates"; team: TeamId; gates: string[] }
  | { type: "failTeam"; team: TeamId; reason: string }
  /** Money that no attempt spent, such as for planning; counted whatever became of the team. */
  | { type: "chargeTeam"; team: TeamId; usage: Usage }
  /** To a fixed size; or, with `min` below `max`, to one that follows the work from there. */
  | { type: "scaleTeam"; team: TeamId; desired: number; min?: number; max?: number }
  /** What it is due beside other teams. */
  | { type: "shareTeam"; team: TeamId; share: Share }
  /** What it may use when all that is set up is out; null: nothing else, it waits. */
  | { type: "standIn"; team: TeamId; model: string | null }
  /** To more than it was; null: without a limit. One that has failed may go on with it once its tasks are retried. */
  | { type: "raiseBudget"; team: TeamId; budgetUsd: number | null }
  | { type: "pauseTeam"; team: TeamId }
  | { type: "resumeTeam"; team: TeamId }
  | { type: "killTeam"; team: TeamId }
  | { type: "retryTask"; task: TaskId }
  | { type: "cancelTask"; task: TaskId }
  /** To another agent than the one that works on it, which lives on. */
  | { type: "reassignTask"; task: TaskId }
  | { type: "killAgent"; agent: AgentId }
  | { type: "pauseAgent"; agent: AgentId }
  | { type: "resumeAgent"; agent: AgentId }
  // From nodes and about them.
  | { type: "joinNode"; node: NodeId; pid: number; cores: number; agents: AgentId[]; attempts: string[] }
  | { type: "suspectNode"; node: NodeId }
  /** Its process is known to be gone. `planned`: it was told to go, so nothing of it has failed. */
  | { type: "loseNode"; node: NodeId; pid: number; reason: string; planned: boolean }
  /** What it has left, as it was measured. */
  | { type: "measureNode"; node: NodeId; resources: NodeResources }
  | { type: "acceptReport"; node: NodeId; report: Report }
  // From the health monitor.
  | { type: "suspectAgent"; agent: AgentId; evidence: Evidence }
  | { type: "trustAgent"; agent: AgentId }
  | { type: "ejectAgent"; agent: AgentId; evidence: Evidence }
  /** The host of `agent` gives no sign of life. */
  | { type: "condemnHost"; agent: AgentId; evidence: Evidence }
  | { type: "noteAnomaly"; agent: AgentId; evidence: Evidence }
  | { type: "quarantineTeam"; team: TeamId; forMs: number; evidence: Evidence }
  // From the engine's own clock: something that waited for a time may go on.
  | { type: "wake" };

const ofPeople: ReadonlySet<Command["type"]> = new Set([
  "createTeam",
  "scaleTeam",
  "shareTeam",
  "standIn",
  "raiseBudget",
  "pauseTeam",
  "resumeTeam",
  "killTeam",
  "retryTask",
  "cancelTask",
  "reassignTask",
  "killAgent",
  "pauseAgent",
  "resumeAgent",
]);

/** Whether a person or program asks it, who can ask again; the rest must be heard. */
export function isFromPeople({ type }: Command): boolean {
  return ofPeople.has(type);
}
