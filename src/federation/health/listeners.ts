import type { Millis } from "../../lib/clock.ts";
import type { AgentId } from "../../model/records.ts";
import type { Evidence, HealthReport } from "./evidence.ts";

export type HealthListener = (agent: AgentId, evidence: Evidence, at: Millis) => void;

/** Who is told of which reports. */
export class Listeners {
  readonly #byType = new Map<HealthReport["type"], Set<HealthListener>>();

  add(type: HealthReport["type"], listener: HealthListener): () => void {
    const listeners = this.#byType.get(type) ?? new Set();
    this.#byType.set(type, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  tell(report: HealthReport): HealthReport {
    const { type, agent, evidence, at } = report;
    for (const listener of this.#byType.get(type) ?? []) listener(agent, evidence, at);
    return report;
  }
}
