import type { LimitFunction } from "p-limit";
import type { Clock } from "../lib/clock.ts";
import { type GateOptions, type GateOutcome, runGates } from "./gates.ts";
import type { Git } from "./git.ts";
import { commonDir, headOf } from "./repository.ts";
import type { Trees } from "./trees.ts";

export interface BaseGates {
  git: Git;
  trees: Trees;
  clock: Clock;
  maxLogBytes: number;
  /** Holds to the same bound as the gates of attempts. */
  turn: LimitFunction;
  /** Unlike any other at the same time. */
  id: string;
  /** Where they are run; null: at HEAD. */
  commit: string | null;
}

export type RedGate = Extract<GateOutcome, { passed: false }>;

/**
 * Those of `gates` that fail before any work: their failing says nothing of an agent. They run in a
 * worktree of their own, which is not kept.
 */
export function redOnBase(
  { git, trees, clock, maxLogBytes, turn, id, commit }: BaseGates,
  repo: string,
  gates: readonly string[],
  options: GateOptions,
): Promise<RedGate[]> {
  return turn(async () => {
    const [common, tip] = [await commonDir(git, repo), commit ?? (await headOf(git, repo))];
    const branch = { common, tip, refOf: () => `refs/godel/base/${id}` };
    const attempt = `base/${id}`;
    const { dir } = await trees.open({ id: attempt, team: "base", key: "base", number: 1 }, branch);
    try {
      await trees.seal(attempt);
      const red: RedGate[] = [];
      for (const gate of gates) {
        const outcome = await runGates([gate], { ...options, clock, maxLogBytes, attempt, dir });
        if (!outcome.passed) red.push(outcome);
      }
      return red;
    } finally {
      await trees.release(attempt);
    }
  });
}
