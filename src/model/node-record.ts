import type { Millis } from "../lib/clock.ts";
import type { Allowance } from "./budget.ts";
import type { NodeId } from "./records.ts";
import type { PressureKind } from "./resources.ts";
import type { NodeState } from "./states.ts";

/** A machine that hosts agents, as the engine knows it. */
export interface Node {
  id: NodeId;
  /** What it is short of, with the reasons for people; absent while it has enough. */
  pressure?: { kinds: PressureKind[]; why: string; since: Millis };
  /** When its disk had room again, the last time that it was full; absent where it never was. */
  diskFullUntil?: Millis;
  /** When all agent hosts that may die at once without holding up new agents are to be had again. */
  hostsFullAt?: Millis;
  /** How often its process died unasked, less once for each while that it lived; absent when it has not lately. */
  crashes?: { count: number; lastAt: Millis };
  state: NodeState;
  pid: number;
  cores: number;
  joinedAt: Millis;
  /** By team, and for all of them `hour` and `fleet`. Missing in journals before there were any. */
  allowances?: Record<string, Allowance>;
}
