/** What happened. The journal holds nothing else; names and fields are only ever added. */

import type { Millis } from "../lib/clock.ts";
import type { Allowance } from "./budget.ts";
import type { Demand, Forecast } from "./plan.ts";
import type { AgentChoice, Evidence, Scaling } from "./reasons.ts";
import type {
  Agent,
  AgentId,
  Attempt,
  AttemptId,
  Failure,
  NodeId,
  Resumption,
  RuntimeName,
  Task,
  TaskId,
  TaskSpec,
  TeamId,
  TeamSpec,
} from "./records.ts";
import type { PressureKind } from "./resources.ts";
import type { Share } from "./share.ts";
import type { AttemptState, TeamState } from "./states.ts";
import type { TierChoice } from "./tiers.ts";
import type { Usage } from "./usage.ts";

type At<T> = T & { at: Millis };

export type EngineEvent = At<{ type: "leaderElected"; epoch: string }>;

export type NodeEvent =
  | At<{ type: "nodeJoined"; node: NodeId; pid: number; cores: number }>
  | At<{ type: "nodeSuspected"; node: NodeId }>
  | At<{ type: "nodeLost"; node: NodeId; reason: string; planned?: true }>
  /** It is short of these from now on, and takes no new work; of nothing, when there are none. */
  | At<{ type: "nodePressed"; node: NodeId; kinds: PressureKind[]; why: string }>
  /** A host died with `agents`, which worked on `tasks`. */
  | At<{ type: "hostCondemned"; node: NodeId; host: number; evidence: Evidence }>
  | At<{ type: "hostLost"; node: NodeId; host: number; agents: AgentId[]; tasks: TaskId[]; reason: string }>
  | AllowanceEvent;

export type AllowanceEvent =
  /** What a node may spend of a team's budget, or of that of all: `hour`, `fleet`. In place of what it was granted before. */
  | At<{ type: "allowanceGranted"; node: NodeId; scope: string } & Allowance>
  /** Half of what it has not spent is wanted elsewhere. */
  | At<{ type: "allowanceRecalled"; node: NodeId; scope: string; version: number }>;

export type TeamEvent =
  | At<{ type: "teamCreated"; team: TeamSpec }>
  | At<{
      type: "teamPlanned";
      team: TeamId;
      goal: string;
      gates: string[];
      tasks: TaskSpec[];
      demands?: Demand[];
      forecast?: Forecast;
    }>
  /** Money that no attempt spent: planning, on `node` where its own count says so. Added to what the team has spent. */
  | At<{ type: "teamSpent"; team: TeamId; usage: Usage; node?: NodeId }>
  | At<{ type: "teamReady"; team: TeamId }>
  /** Its gates were run on the commit that it starts from; `gates` are those that fail there. */
  | At<{ type: "teamGatesTried"; team: TeamId; gates: string[] }>
  /** Half, four fifths or all of its budget is spent. Once each. */
  | At<{ type: "teamBudgetReached"; team: TeamId; percent: number }>
  /** By a person. What was told of how much is spent holds no more. */
  | At<{ type: "teamBudgetRaised"; team: TeamId; budgetUsd: number | null }>
  /** By a person, who may set new bounds; or by the auto-scaler, which says why. */
  | At<{ type: "teamScaled"; team: TeamId; desired: number; min?: number; max?: number; scaling?: Scaling }>
  /** What it is due beside other teams from now on. */
  | At<{ type: "teamShared"; team: TeamId; share: Share }>
  /** By a person: what it may use when all that is set up is out; null: nothing else. */
  | At<{ type: "teamStoodIn"; team: TeamId; model: string | null }>
  /** The breaker on setting agents aside, as it is now. */
  | At<{ type: "teamRecovery"; team: TeamId; breaker: object; cause: string }>
  /** None of its agents is started before. */
  | At<{ type: "teamQuarantined"; team: TeamId; until: Millis; evidence: Evidence }>
  | At<{ type: "teamPaused"; team: TeamId }>
  | At<{ type: "teamResumed"; team: TeamId }>
  | At<{ type: "teamReopened"; team: TeamId }>
  | At<{ type: "teamEnded"; team: TeamId; state: Extract<TeamState, "done" | "failed" | "killed">; reason: string }>
  /** It left the state: what was kept under this version has its tasks, attempts and agents. */
  | At<{ type: "teamArchived"; team: TeamId; version: string; parts: number }>
  /** It is back in the state, as it left. */
  | At<{ type: "teamRestored"; team: TeamId; tasks: Task[]; attempts: Attempt[]; agents: Agent[] }>;

export type TaskEvent =
  /**
   * Ready to be leased, at once or not before a time; `feedback` is what the next attempt is told. `takenFrom`: by a
   * person, from that agent, which does not get it back while another may.
   */
  | At<{
      type: "taskQueued";
      task: TaskId;
      notBefore: Millis;
      feedback: string;
      retry?: true;
      takenFrom?: AgentId;
    }>
  /** Retried by a person while a need of it is not done. */
  | At<{ type: "taskBlocked"; task: TaskId }>
  /** Suspected to kill its hosts: from now on it works in a host of its own. */
  | At<{ type: "taskIsolated"; task: TaskId }>
  /** It was worked on without the death of its host: it is suspected no more. */
  | At<{ type: "taskCleared"; task: TaskId }>
  /** Its agent split it: `parts` come before it, and it needs the last of them. `budgetUsd` is what it keeps of its own. */
  | At<{ type: "taskSplit"; task: TaskId; parts: TaskSpec[]; needs: TaskId[]; budgetUsd: number | null }>
  | At<{ type: "taskDone"; task: TaskId; commit: string }>
  | At<{ type: "taskFailed"; task: TaskId; failure: Failure }>
  | At<{ type: "taskCancelled"; task: TaskId }>
  | At<{ type: "taskSkipped"; task: TaskId; because: TaskId }>;

export type AgentEvent =
  | At<{
      type: "agentRequested";
      agent: AgentId;
      team: TeamId;
      node: NodeId;
      runtime: RuntimeName;
      model: string;
      skills: string[];
      /** In a host of its own. */
      alone?: true;
    }>
  | At<{ type: "agentReady"; agent: AgentId; hostPid: number; sessionId: string }>
  | At<{ type: "agentPaused"; agent: AgentId }>
  | At<{ type: "agentResumed"; agent: AgentId }>
  | At<{ type: "agentDraining"; agent: AgentId; reason?: string }>
  /** It gets no work until it is trusted again. */
  | At<{ type: "agentSuspected"; agent: AgentId; evidence: Evidence }>
  | At<{ type: "agentTrusted"; agent: AgentId }>
  /** Set aside for good; its node ends it. */
  | At<{ type: "agentEjected"; agent: AgentId; reason: string; evidence: Evidence }>
  /** Its circuit breaker changed: a snapshot, and the task that it failed at if that was the cause. */
  | At<{ type: "agentBreaker"; agent: AgentId; breaker: object; failedAt?: TaskId }>
  /** It is worse than its peers, and gets no work for a while. */
  | At<{ type: "agentHeld"; agent: AgentId; until: Millis; evidence: Evidence }>
  | At<{ type: "agentAnomaly"; agent: AgentId; evidence: Evidence }>
  | At<{ type: "agentStopped"; agent: AgentId; reason: string; failed: boolean }>
  | At<{ type: "agentLost"; agent: AgentId; reason: string }>;

export type AttemptEvent =
  /**
   * `resumes`: lost attempts of the task, the newest first; it goes on in the session of one of them if it can.
   * `choice`: why that agent, where there were several.
   */
  | At<{
      type: "attemptLeased";
      attempt: AttemptId;
      task: TaskId;
      agent: AgentId;
      number: number;
      resumes?: AttemptId[];
      tier?: TierChoice;
      choice?: AgentChoice;
    }>
  | At<{
      type: "attemptStarted";
      attempt: AttemptId;
      sessionId: string;
      transcript: string | null;
      resumption?: Resumption;
    }>
  | At<{ type: "attemptVerifying"; attempt: AttemptId }>
  | At<{ type: "attemptMerging"; attempt: AttemptId; commit: string | null; files?: number }>
  | At<{
      type: "attemptEnded";
      attempt: AttemptId;
      state: Extract<AttemptState, "accepted" | "rejected" | "failed" | "lost" | "cancelled">;
      failure: Failure | null;
      commit: string | null;
    }>
  /** Cumulative for the attempt. */
  | At<{ type: "attemptSpent"; attempt: AttemptId; usage: Usage }>;

export type Event = EngineEvent | NodeEvent | TeamEvent | TaskEvent | AgentEvent | AttemptEvent;
