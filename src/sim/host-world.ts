import type { AgentId, AttemptId } from "../model/records.ts";
import type { RuntimeEvent } from "../runtimes/index.ts";
import type { Dice } from "./dice.ts";
import type { GitWorld } from "./git-world.ts";
import type { SimModels } from "./models.ts";
import type { Sessions } from "./sessions.ts";
import type { Process } from "./timeline.ts";
import type { Trouble } from "./trouble.ts";
import type { Vitals } from "./vitals.ts";

/** What hosts and their agents need of the world. */
export interface HostWorld {
  seed: number;
  process: Process;
  dice: Dice;
  trouble: Trouble;
  git: GitWorld;
  models: SimModels;
  sessions: Sessions;
  vitals: Vitals;
  nextPid(): number;
  /** The node acts: something is asked of an agent. */
  touch(): void;
  /** An attempt kills the host that works on it, with all `agents` of it. */
  onKill(attempt: AttemptId, agents: number): void;
  /** An agent is given an attempt: what must hold then is checked. */
  onPrompt(agent: AgentId, attempt: AttemptId): void;
}

/** The process that an agent lives in, as the agent sees it. */
export interface AgentHost {
  readonly pid: number;
  readonly world: HostWorld;
  readonly alive: boolean;
  readonly agents: { readonly size: number };
  /** Resolves while the host does not hang. */
  responsive(): Promise<void>;
  hang(): void;
  die(how: string): void;
  /** `answer`, or what to say when the host dies before it and nothing of it runs any more. */
  orLost<T>(answer: Promise<T>, lost: () => T): Promise<T>;
  hear(agent: AgentId, event: RuntimeEvent): void;
  forget(agent: AgentId): void;
}
