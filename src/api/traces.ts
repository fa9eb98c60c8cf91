/**
 * What happens to goals and tasks as spans for a collector. A goal is one trace, with its plan; each task is one, linked to its
 * goal's, so that a team of a thousand tasks can be looked at: the task, its attempts, and of each the requests to models (which
 * the node tells of), the gates and the merge.
 */
import type { Engine } from "../engine/engine.ts";
import type { Millis } from "../lib/clock.ts";
import { type OtlpExporter, type Span, spanIdOf, traceIdOf } from "../lib/otlp.ts";
import type { Event } from "../model/events.ts";
import type { Attempt, AttemptId, Team, TeamId } from "../model/records.ts";

export class Traces {
  readonly #engine: Engine;
  readonly #exporter: Pick<OtlpExporter, "add">;
  /** Of each attempt past its agent: when its gates, and its merge, began. */
  readonly #parts = new Map<AttemptId, { gate: Millis; merge: Millis | null }>();

  constructor(engine: Engine, exporter: Pick<OtlpExporter, "add">) {
    this.#engine = engine;
    this.#exporter = exporter;
    engine.subscribe((events) => {
      for (const event of events) this.#hear(event);
    });
  }

  #hear(event: Event): void {
    const { state } = this.#engine;
    switch (event.type) {
      case "teamPlanned":
        return this.#plan(state.teams.get(event.team), event.at);
      case "teamEnded":
        return this.#goal(state.teams.get(event.team), event);
      case "taskDone":
        return this.#task(event.task, event.at);
      case "taskFailed":
        return this.#task(event.task, event.at, event.failure.reason);
      case "taskCancelled":
        return this.#task(event.task, event.at, "cancelled");
      case "attemptVerifying":
        this.#parts.set(event.attempt, { gate: event.at, merge: null });
        return;
      case "attemptMerging": {
        const parts = this.#parts.get(event.attempt);
        if (parts) parts.merge = event.at;
        return;
      }
      case "attemptEnded":
        return this.#attempt(state.attempts.get(event.attempt), event);
    }
  }

  #goal(team: Team | undefined, { at, state, reason }: Extract<Event, { type: "teamEnded" }>): void {
    if (!team) return;
    const attributes = { "godel.team": team.id, "godel.team.name": team.name, "godel.cost_usd": team.usage.costUsd };
    const place = { traceId: traceIdOf(team.id), spanId: spanIdOf(team.id), kind: 1 } as const;
    const error = state === "done" ? {} : { error: reason || state };
    this.#add({ ...place, name: `goal ${team.name}`, startAt: team.createdAt, endAt: at, attributes, ...error });
  }

  #plan(team: Team | undefined, at: Millis): void {
    if (!team) return;
    this.#add({
      traceId: traceIdOf(team.id),
      spanId: spanIdOf(`${team.id} plan`),
      parentSpanId: spanIdOf(team.id),
      name: "plan",
      kind: 1,
      startAt: team.createdAt,
      endAt: at,
      attributes: { "godel.team": team.id, "godel.tasks": team.tasks.length },
    });
  }

  #task(id: string, at: Millis, error?: string): void {
    const { state } = this.#engine;
    const task = state.tasks.get(id);
    const team = task && state.teams.get(task.team);
    if (!task || !team) return;
    const [first] = task.attempts;
    const begun = state.attempts.get(first ?? "")?.leasedAt ?? at;
    this.#add({
      traceId: traceIdOf(id),
      spanId: spanIdOf(id),
      name: `task ${task.key}`,
      kind: 1,
      startAt: Math.min(begun, at),
      endAt: at,
      attributes: { "godel.team": team.id, "godel.task": id, "godel.attempts": task.attempts.length },
      link: linkOf(team.id),
      ...(error !== undefined && { error }),
    });
  }

  #attempt(attempt: Attempt | undefined, { at, state, failure }: Extract<Event, { type: "attemptEnded" }>): void {
    if (!attempt) return;
    const { id, task, team, agent, number, leasedAt, usage } = attempt;
    const place = { traceId: traceIdOf(task), kind: 1 } as const;
    const about = { "godel.team": team, "godel.task": task, "godel.attempt": id };
    const error = failure ? { error: failure.reason } : {};
    this.#add({
      ...place,
      spanId: spanIdOf(id),
      parentSpanId: spanIdOf(task),
      name: `attempt ${number}`,
      startAt: leasedAt,
      endAt: at,
      attributes: { ...about, "godel.agent": agent, "godel.outcome": state, "godel.cost_usd": usage.costUsd },
      ...error,
    });
    const parts = this.#parts.get(id);
    this.#parts.delete(id);
    if (!parts) return;
    const { gate, merge } = parts;
    const under = { ...place, parentSpanId: spanIdOf(id), attributes: about };
    const inGate = { ...under, spanId: spanIdOf(`${id} gate`), name: "gate", startAt: gate, endAt: merge ?? at };
    this.#add(merge === null ? { ...inGate, ...error } : inGate);
    if (merge !== null) {
      this.#add({ ...under, spanId: spanIdOf(`${id} merge`), name: "merge", startAt: merge, endAt: at, ...error });
    }
  }

  #add(span: Span): void {
    this.#exporter.add(span);
  }
}

function linkOf(team: TeamId) {
  return { traceId: traceIdOf(team), spanId: spanIdOf(team) };
}
