import { agentMoves, attemptMoves, type Moves, nodeMoves, taskMoves, teamMoves } from "../model/states.ts";
import { faultKinds } from "./scenario.ts";
import { wishKinds } from "./wishes.ts";

const tables: Record<string, Moves<string>> = {
  team: teamMoves,
  task: taskMoves,
  agent: agentMoves,
  attempt: attemptMoves,
  node: nodeMoves,
};

/**
 * Moves that the tables allow and nothing makes yet: no agent that is held or leaves is suspected; what is needed stays
 * done, so nothing queued is skipped and nothing failed is blocked; a merge that was ordered is answered by its node alone.
 * A run that reaches one of them fails too, so that this list stays true.
 */
const unbuilt = [
  /^agent (?:paused|draining) → suspect$/,
  /^agent starting → paused$/,
  /^task queued → skipped$/,
  /^task failed → blocked$/,
  /^task skipped → queued$/,
  /^attempt (?:verifying|merging) → failed$/,
  /^attempt merging → (?:lost|cancelled)$/,
];

/** May happen, but too rarely to be asked of every run. */
const rare = [
  /^agent suspect → \w+$/,
  /^agent (?:paused|busy|idle|suspect) → ejected$/,
  /^agent draining → lost$/,
  /^task merging → cancelled$/,
  /^task cancelled → blocked$/,
];

/** What becomes of the sessions of lost attempts. */
const sessions = ["session gone on in", "session refused"];

/** A team leaves the state, and comes back. */
const archives = ["teamArchived", "teamRestored"];

/** Somebody who thinks that it leads wants to write. */
const leaders = ["replaced leader refused", "stale heartbeat"];

/** An attempt that was given up, or was lost with its node, tells that it is done after all. */
const late = ["late result of a superseded attempt"];

/** What only a fleet of several nodes can meet. */
export const manyNodes = [
  "a node is lost beside others",
  "a node is suspected beside others",
  "a node is short of something beside others",
  "the work of a lost node goes on elsewhere",
  "a lost node keeps its allowance",
  "an allowance is recalled",
  "an attempt waits to be merged on a node that is lost",
  "work that was merged by one node is needed on another",
] as const;

/** Everything that a run of many seeds must have reached at least once. */
export function expected(): string[] {
  const moves = Object.entries(tables).flatMap(([what, table]) =>
    Object.entries(table).flatMap(([from, targets]) => targets.map((to) => `${what} ${from} → ${to}`)),
  );
  const built = moves.filter((move) => ![...unbuilt, ...rare].some((pattern) => pattern.test(move)));
  return [
    ...built,
    ...sessions,
    ...archives,
    ...leaders,
    ...late,
    ...manyNodes,
    ...faultKinds.map((kind) => `fault ${kind}`),
    ...wishKinds.map((kind) => `wish ${kind}`),
  ];
}

/** How often each thing happened. */
export class Coverage {
  readonly counts: Map<string, number>;

  constructor(counts: ReadonlyMap<string, number> = new Map()) {
    this.counts = new Map(counts);
  }

  add(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  /** A `what` went from one state to another. */
  moved(what: string, from: string, to: string): void {
    this.add(`${what} ${from} → ${to}`);
  }

  addAll(other: Coverage): void {
    for (const [what, times] of other.counts) this.add(what, times);
  }

  /** What should have happened and did not, or should not and did. */
  surprises(): string[] {
    const reached = [...this.counts.keys()].filter((what) => unbuilt.some((pattern) => pattern.test(what)));
    return [...this.missing().map((what) => `never: ${what}`), ...reached.map((what) => `unexpected: ${what}`)];
  }

  private missing(): string[] {
    return expected().filter((what) => !this.counts.has(what));
  }
}
