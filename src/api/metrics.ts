/** What is counted and measured, in Prometheus' text format 0.0.4. One table; names are only ever added. */
import type { Engine } from "../engine/engine.ts";
import { teamIndex } from "../engine/state.ts";
import type { Event } from "../model/events.ts";
import { noTaskCounts, type TeamState } from "../model/states.ts";

/** Labels have few values each, and none names a team, a task or an agent. */
const table = {
  godel_teams: ["gauge", "Teams by state."],
  godel_tasks: ["gauge", "Tasks of all teams by state."],
  godel_agents: ["gauge", "Agents that have not ended, by state: starting, idle or other."],
  godel_nodes: ["gauge", "Nodes by state."],
  godel_spent_usd_total: ["counter", "What all teams that the engine knows have spent."],
  godel_tokens_total: ["counter", "Tokens of all teams that the engine knows, by kind."],
  godel_journal_seq: ["gauge", "Sequence number of the last durable event."],
  godel_events_total: ["counter", "Events journaled since the engine started, by type."],
  godel_attempts_total: ["counter", "Attempts that ended since the engine started, by how and why."],
  godel_attempt_seconds: ["histogram", "From the lease of an attempt to its end."],
  godel_stream_readers: ["gauge", "Readers of /api/v1/stream."],
} as const;

type Name = keyof typeof table;
/** Upper bounds in s: from a shell command to an hour of an agent's work. */
const bounds = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600];

export class Metrics {
  readonly #engine: Engine;
  readonly #readers: () => number;
  readonly #events = new Map<string, number>();
  readonly #attempts = new Map<string, number>();
  readonly #buckets: number[] = bounds.map(() => 0);
  #seconds = 0;
  #ended = 0;

  constructor(engine: Engine, readers: () => number) {
    this.#engine = engine;
    this.#readers = readers;
    engine.subscribe((events) => {
      for (const event of events) this.#count(event);
    });
  }

  /** Linear in the number of teams. */
  text(): string {
    return `${[...this.#fleet(), ...this.#counted()].join("\n")}\n`;
  }

  #count(event: Event): void {
    increase(this.#events, labels({ type: event.type }));
    if (event.type !== "attemptEnded") return;
    increase(this.#attempts, labels({ outcome: event.state, reason: event.failure?.reason ?? "" }));
    const attempt = this.#engine.state.attempts.get(event.attempt);
    if (!attempt) return;
    const seconds = Math.max(0, event.at - attempt.leasedAt) / 1_000;
    for (const [i, bound] of bounds.entries()) if (seconds <= bound) this.#buckets[i] = (this.#buckets[i] ?? 0) + 1;
    this.#seconds += seconds;
    this.#ended++;
  }

  #fleet(): string[] {
    const { state, seq } = this.#engine;
    const teams: Record<TeamState, number> = { planning: 0, running: 0, paused: 0, done: 0, failed: 0, killed: 0 };
    const tasks = noTaskCounts();
    const agents = { starting: 0, idle: 0, other: 0 };
    const tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    let usd = 0;
    for (const team of state.teams.values()) {
      const index = teamIndex(state, team.id);
      teams[team.state]++;
      for (const [name, count] of Object.entries(index.taskCounts)) tasks[name as keyof typeof tasks] += count;
      const idle = index.idle.size + index.idleAlone.size;
      agents.starting += index.starting;
      agents.idle += idle;
      agents.other += Math.max(0, index.live.size - index.starting - idle);
      for (const kind of Object.keys(tokens) as (keyof typeof tokens)[]) tokens[kind] += team.usage[kind];
      usd += team.usage.costUsd;
    }
    const nodes = { up: 0, suspect: 0, lost: 0 };
    for (const node of state.nodes.values()) nodes[node.state]++;
    return [
      ...family("godel_teams", byLabel("state", teams)),
      ...family("godel_tasks", byLabel("state", tasks)),
      ...family("godel_agents", byLabel("state", agents)),
      ...family("godel_nodes", byLabel("state", nodes)),
      ...family("godel_spent_usd_total", [["", usd]]),
      ...family("godel_tokens_total", byLabel("kind", tokens)),
      ...family("godel_journal_seq", [["", Number(seq)]]),
      ...family("godel_stream_readers", [["", this.#readers()]]),
    ];
  }

  #counted(): string[] {
    const name = "godel_attempt_seconds";
    const buckets = bounds.map((bound, i) => `${name}_bucket{le="${bound}"} ${this.#buckets[i]}`);
    return [
      ...family("godel_events_total", this.#events),
      ...family("godel_attempts_total", this.#attempts),
      ...head(name),
      ...buckets,
      `${name}_bucket{le="+Inf"} ${this.#ended}`,
      `${name}_sum ${this.#seconds}`,
      `${name}_count ${this.#ended}`,
    ];
  }
}

function family(name: Name, samples: Iterable<readonly [string, number]>): string[] {
  return [...head(name), ...[...samples].map(([labels, value]) => `${name}${labels} ${value}`)];
}

function head(name: Name): string[] {
  const [type, help] = table[name];
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function byLabel(label: string, counts: Record<string, number>): [string, number][] {
  return Object.entries(counts).map(([value, count]) => [labels({ [label]: value }), count]);
}

function labels(pairs: Record<string, string>): string {
  return `{${Object.entries(pairs)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, "_")}"`)
    .join(",")}}`;
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
