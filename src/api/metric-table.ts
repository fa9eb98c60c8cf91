/** Every metric there is. Names are only ever added; labels have few values, and none names a task or an agent. */
export const metricTable = {
  godel_teams: ["gauge", "Teams by state."],
  godel_tasks: ["gauge", "Tasks of all teams by state."],
  godel_agents: ["gauge", "Agents that have not ended, by state."],
  godel_nodes: ["gauge", "Nodes by state."],
  godel_spent_usd_total: ["counter", "What all teams that the engine knows have spent."],
  godel_tokens_total: ["counter", "Tokens of all teams that the engine knows, by kind."],
  godel_model_spent_usd_total: ["counter", "What was spent since the engine started, by model."],
  godel_model_tokens_total: ["counter", "Tokens since the engine started, by model and kind."],
  godel_team_spent_usd_total: [
    "counter",
    "What each of the newest teams has spent. Told to scrapes with a token only.",
  ],
  godel_team_tokens_total: ["counter", "Tokens of each of the newest teams, by kind. As above."],
  godel_team_budget_usd: ["gauge", "What each of the newest teams may spend, where it has a budget. As above."],
  godel_journal_seq: ["gauge", "Sequence number of the last durable event."],
  godel_events_total: ["counter", "Events journaled since the engine started, by type."],
  godel_attempts_total: ["counter", "Attempts that ended since the engine started, by how and why."],
  godel_queue_wait_seconds: ["histogram", "From a task's being runnable to the lease of an attempt at it."],
  godel_selection_seconds: ["histogram", "What a turn of the loop takes to choose who gets which tasks."],
  godel_dispatch_seconds: ["histogram", "From the lease of an attempt to its agent's being at work."],
  godel_first_token_seconds: ["histogram", "From a request's going out to a model to the first part of the answer."],
  godel_attempt_seconds: ["histogram", "From the lease of an attempt to its end."],
  godel_gate_seconds: ["histogram", "From the end of an agent's work to its commit and the end of its gates."],
  godel_merge_seconds: ["histogram", "From the passing of gates to the merge, with the wait for a turn."],
  godel_commit_seconds: ["histogram", "What it takes to make the events of a turn durable."],
  godel_stream_readers: ["gauge", "Readers of /api/v1/stream and /api/v1/events."],
} as const;

export type MetricName = keyof typeof metricTable;
export type Sample = readonly [labels: string, value: number];

export function head(name: MetricName): string[] {
  const [type, help] = metricTable[name];
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** None where there is no sample. */
export function family(name: MetricName, samples: Iterable<Sample>): string[] {
  const lines = [...samples].map(([labels, value]) => `${name}${labels} ${value}`);
  return lines.length === 0 ? [] : [...head(name), ...lines];
}

export function byLabel(label: string, counts: Record<string, number>): Sample[] {
  return Object.entries(counts).map(([value, count]) => [labels({ [label]: value }), count]);
}

/** In braces, with what would break the line taken out of values. */
export function labels(pairs: Record<string, string>): string {
  const all = Object.entries(pairs).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, "_")}"`);
  return `{${all.join(",")}}`;
}
