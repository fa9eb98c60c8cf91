/** What the selector must know of a free agent. */
export interface Candidate {
  id: string;
  skills: readonly string[];
}

export interface SelectionRequest {
  requiredSkills: readonly string[];
}

/** The chosen agent, or why there is none: for each skill that was missing, how many free agents lacked it. */
export type Selection<C extends Candidate> =
  | { agent: C; rejected: null }
  | { agent: null; rejected: Record<string, number> };

/**
 * Chooses among free agents: a hard filter by skill, then the one that has been free for longest.
 *
 * Free agents come in the order in which they became free, so the first that fits is the choice. A pick must be
 * reserved by the caller before the next one (the engine does it by applying `attemptLeased` at once).
 */
export class AgentSelector {
  selectAgent<C extends Candidate>(request: SelectionRequest, free: Iterable<C>): Selection<C> {
    const rejected: Record<string, number> = {};
    for (const agent of free) {
      const missing = missingSkills(request.requiredSkills, agent.skills);
      if (missing.length === 0) return { agent, rejected: null };
      for (const skill of missing) rejected[skill] = (rejected[skill] ?? 0) + 1;
    }
    return { agent: null, rejected };
  }
}

/** The required skills that are not among `skills`. */
export function missingSkills(required: readonly string[], skills: readonly string[]): string[] {
  return required.filter((skill) => !skills.includes(skill));
}
