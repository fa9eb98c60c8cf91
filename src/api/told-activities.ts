/** What the agents of one team do, told by what changed: most do the same from one status to the next. */
import type { AgentId, AttemptId } from "../model/records.ts";

export interface Doing {
  agent: AgentId;
  /** Whose it is: the same words for another attempt are news. */
  attempt: AttemptId | null;
  text: string;
}

interface Known extends Doing {
  /** The version that first had it. */
  since: number;
}

export class ToldActivities {
  readonly #known = new Map<AgentId, Known>();
  #version = 0;

  /** Grows with each change; 0 is before all. */
  get version(): number {
    return this.#version;
  }

  /** `doing`: all that do something now, each agent once. O(agents). */
  note(doing: readonly Doing[]): void {
    const next = this.#version + 1;
    const present = new Set<AgentId>();
    for (const each of doing) {
      present.add(each.agent);
      const known = this.#known.get(each.agent);
      if (known?.text === each.text && known.attempt === each.attempt) continue;
      this.#known.set(each.agent, { ...each, since: next });
      this.#version = next;
    }
    for (const known of this.#known.values()) {
      if (present.has(known.agent) || known.text === "") continue;
      this.#known.set(known.agent, { ...known, text: "", since: next });
      this.#version = next;
    }
  }

  /** What changed after `version`; "" for one who does nothing any more. To who has nothing, at 0, only what is done now. */
  since(version: number): { agent: AgentId; text: string }[] {
    const changed: { agent: AgentId; text: string }[] = [];
    for (const { agent, text, since } of this.#known.values()) {
      if (since > version && (version > 0 || text !== "")) changed.push({ agent, text });
    }
    return changed;
  }

  /** Everybody has been told up to now: nobody needs to hear again who has ceased. */
  forget(): void {
    for (const { agent, text } of this.#known.values()) if (text === "") this.#known.delete(agent);
  }
}
