import type { SupervisorOptions } from "../api/node-supervisor.ts";
import type { EngineOptions } from "../engine/options.ts";
import type { Policies } from "../federation/policies.ts";
import type { Routes, RoutesOptions } from "../gateway/limits/routes.ts";
import type { MemoryStore } from "../journal/index.ts";
import type { Scenario } from "./scenario.ts";
import type { SimWorktrees } from "./worktrees.ts";

/** Bugs that are put into the world on purpose, to see whether the simulator finds them. None in a real run. */
export interface Bugs {
  /** What arrives at the node of a frame that the engine sent. */
  toNode?(frame: string): string[];
  /** What arrives at the engine of a frame that the node sent. */
  toEngine?(frame: string): string[];
  /** An order of an older epoch, on its way to the node. */
  staleOrder?(frame: string, epoch: string): string;
  /** The same of a heartbeat, on its way to the engine. */
  staleHeartbeat?(frame: string, epoch: string): string;
  worktrees?(parts: ConstructorParameters<typeof SimWorktrees>[0]): SimWorktrees;
  /** The engine is not told which files tasks claim. */
  forgetsFiles?: boolean;
  /** What the engine is told in place of the scenario's. */
  engine?: Partial<EngineOptions>;
  /** The same of policies. */
  policies?(policies: Policies): Policies;
  /** The node says that its machine has enough of everything. */
  forgetsPressure?: boolean;
  /** How the engine looks after its node. */
  supervisor?: SupervisorOptions;
  /** A model may answer at any length, whatever is left. */
  forgetsCap?: boolean;
  /** What is spent is not counted. */
  forgetsMoney?: boolean;
  /** What was under way when a node died is not found again. */
  losesReservations?: boolean;
  /** Each attempt has limits of its own: what one is told, no other knows. */
  limitsOfItsOwn?: boolean;
  /** How the gateway finds where a request may go. */
  routes?(options: RoutesOptions): Routes;
  /** The gateway passes on whatever happens at the provider. */
  asksOnce?: boolean;
  /** What the disk holds of the journal after the engine died. */
  engineDied?(store: MemoryStore): void;
}

/** What the engine is told. */
export function engineOptions({ engine }: Scenario, bugs: Bugs): Partial<EngineOptions> {
  const options = { ...engine, ...bugs.engine };
  return bugs.policies ? { ...options, policies: bugs.policies(options.policies) } : options;
}
