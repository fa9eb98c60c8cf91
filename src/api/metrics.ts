/** What is counted and measured, in Prometheus' text format 0.0.4. */
import type { Engine } from "../engine/engine.ts";
import { teamIndex } from "../engine/state.ts";
import type { Millis } from "../lib/clock.ts";
import type { Event } from "../model/events.ts";
import { type AgentState, agentEnded, agentMoves, noTaskCounts, type TeamState } from "../model/states.ts";
import { byLabel, family, labels } from "./metric-table.ts";
import { Phases } from "./phases.ts";
import { SpendingMetrics } from "./spending-metrics.ts";

const agentStates = (Object.keys(agentMoves) as AgentState[]).filter((state) => !agentEnded(state));

export class Metrics {
  readonly #engine: Engine;
  readonly #readers: () => number;
  readonly #events = new Map<string, number>();
  readonly #attempts = new Map<string, number>();
  readonly #phases: Phases;
  readonly #spending: SpendingMetrics;

  constructor(engine: Engine, readers: () => number) {
    this.#engine = engine;
    this.#readers = readers;
    this.#phases = new Phases(engine);
    this.#spending = new SpendingMetrics(engine.state);
    engine.subscribe((events) => {
      this.#phases.count(events);
      for (const event of events) this.#count(event);
    });
  }

  /** How long first parts of answers took, as a node tells it. */
  firstTokens(all: readonly Millis[]): void {
    this.#phases.firstTokens(all);
  }

  /** Linear in the number of teams and agents. `byTeam`: names teams, too. */
  text({ byTeam = false } = {}): string {
    const teams = byTeam ? this.#spending.byTeam() : [];
    return `${[...this.#fleet(), ...this.#counted(), ...this.#phases.lines(), ...teams].join("\n")}\n`;
  }

  #count(event: Event): void {
    increase(this.#events, labels({ type: event.type }));
    this.#spending.count(event);
    if (event.type !== "attemptEnded") return;
    increase(this.#attempts, labels({ outcome: event.state, reason: event.failure?.reason ?? "" }));
  }

  #fleet(): string[] {
    const { state, seq } = this.#engine;
    const teams: Record<TeamState, number> = { planning: 0, running: 0, paused: 0, done: 0, failed: 0, killed: 0 };
    const tasks = noTaskCounts();
    const agents = Object.fromEntries(agentStates.map((name) => [name, 0]));
    const tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    let usd = 0;
    for (const team of state.teams.values()) {
      const index = teamIndex(state, team.id);
      teams[team.state]++;
      for (const [name, count] of Object.entries(index.taskCounts)) tasks[name as keyof typeof tasks] += count;
      for (const id of index.live) {
        const found = state.agents.get(id)?.state;
        if (found !== undefined && found in agents) agents[found] = (agents[found] ?? 0) + 1;
      }
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
    return [
      ...family("godel_events_total", this.#events),
      ...family("godel_attempts_total", this.#attempts),
      ...this.#spending.byModel(),
    ];
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
