import { GodelError } from "../../lib/errors.ts";
import type { Refusal } from "./member.ts";
import type { Roster } from "./roster.ts";

/** The error of a pick that found nobody, with how many agents were refused for which reason. O(agents). */
export function refused(roster: Roster): GodelError {
  const { count } = roster.pool;
  if (count === 0) return new GodelError("AGENT_NOT_FOUND", "the balancer has no agents; add one with addAgent");
  const counts = new Map<Refusal | "excluded", number>();
  for (const member of roster.members) {
    const refusal = roster.refusal(member) ?? "excluded";
    counts.set(refusal, (counts.get(refusal) ?? 0) + 1);
  }
  const reasons = Array.from(counts, ([refusal, times]) => `${times} ${refusal}`).join(", ");
  return new GodelError("AGENT_STATE", `none of ${count} agents may be given work: ${reasons}`);
}
