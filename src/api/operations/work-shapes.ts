/** Schemas of what the API answers about tasks, attempts, agents and plans. */
import type { Plan } from "../../model/plan.ts";
import { preferredCosts } from "../../model/preferred-cost.ts";
import type { FailureReason, Resumption } from "../../model/records.ts";
import { type AgentState, type AttemptState, agentMoves, attemptMoves } from "../../model/states.ts";
import type { PlanAnswer } from "../plan-wire.ts";
import type {
  AgentLog,
  AgentView,
  AttemptDiff,
  AttemptLog,
  AttemptTranscript,
  AttemptView,
  Sighting,
  TaskDetail,
  TaskSummary,
  TimelineEntry,
  TranscriptStep,
  Why,
} from "../wire.ts";
import { count, number, object, of, oneOf, orNull, text, texts, time } from "./schema.ts";
import { taskStates, tokens } from "./team-shapes.ts";
import { Type } from "./type.ts";

export const agentStates = Object.keys(agentMoves) as AgentState[];
export const attemptStates = Object.keys(attemptMoves) as AttemptState[];

/** New reasons may come; a reader takes what it does not know as a failure. */
const failureReason = Type.Unsafe<FailureReason>({ type: "string" });
const failure = object({ reason: failureReason, detail: text });

const summary = {
  id: text,
  team: text,
  key: text,
  title: text,
  state: oneOf(taskStates),
  needs: texts,
  skills: texts,
  priority: number,
  attempts: count,
  agent: orNull(text),
  costUsd: number,
  attemptCostUsd: number,
  commit: orNull(text),
  reason: orNull(failureReason),
  queuedAt: orNull(time),
  leasedAt: orNull(time),
  endedAt: orNull(time),
};

export const taskSummary = of<TaskSummary>()(object(summary));

const usage = object({
  requests: count,
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite: count,
  costUsd: number,
});

const resumption = of<Resumption>()(
  Type.Union([object({ from: text, saved: usage }), object({ from: text, refused: text })]),
);

const attemptView = of<AttemptView>()(
  object({
    id: text,
    number: count,
    agent: text,
    state: oneOf(attemptStates),
    leasedAt: time,
    startedAt: orNull(time),
    endedAt: orNull(time),
    failure: orNull(failure),
    commit: orNull(text),
    files: orNull(count),
    ref: text,
    transcript: orNull(text),
    resumption: orNull(resumption),
    costUsd: number,
    tokens,
  }),
);

export const taskDetail = of<TaskDetail>()(
  object({
    ...summary,
    prompt: text,
    gates: texts,
    files: texts,
    dependents: texts,
    failure: orNull(failure),
    attemptList: Type.Array(attemptView),
  }),
);

export const why = of<Why>()(object({ task: text, state: oneOf(taskStates), because: text, facts: texts }));

const sighting = of<Sighting>()(object({ at: time, signal: text, detail: text }));

export const agentView = of<AgentView>()(
  object({
    id: text,
    team: text,
    node: text,
    runtime: text,
    model: text,
    skills: texts,
    state: oneOf(agentStates),
    hostPid: orNull(count),
    sessionId: orNull(text),
    attempt: orNull(text),
    task: orNull(text),
    activity: text,
    parked: orNull(object({ why: text, until: orNull(time) })),
    requestedAt: time,
    readyAt: orNull(time),
    endedAt: orNull(time),
    reason: text,
    suspicion: orNull(sighting),
    held: orNull(object({ until: time, why: text })),
    record: orNull(object({ reliability: number, msPerUnit: orNull(number), usdPerUnit: orNull(number) })),
    chosen: text,
    anomalies: Type.Array(sighting),
    attempts: count,
    costUsd: number,
  }),
);

export const agentLog = of<AgentLog>()(object({ agent: text, attempt: orNull(text), lines: texts, total: count }));

export const attemptLog = of<AttemptLog>()(
  object({ attempt: text, what: oneOf(["transcript", "gates"]), lines: texts, total: count }),
);

export const attemptDiff = of<AttemptDiff>()(
  object({ attempt: text, commit: orNull(text), lines: texts, total: count }),
);

const stepKind = oneOf(["prompt", "said", "thought", "call", "result", "output"]);
const step = of<TranscriptStep>()(
  object({
    at: orNull(text),
    kind: stepKind,
    tool: text,
    text,
    failed: Type.Boolean(),
    usage: orNull(object({ input: number, output: number, cacheRead: number, cacheWrite: number, costUsd: number })),
  }),
);

export const attemptTranscript = of<AttemptTranscript>()(
  object({
    attempt: text,
    file: text,
    from: count,
    next: count,
    steps: Type.Array(step),
    saying: Type.Array(object({ kind: stepKind, tool: text, text })),
    heard: count,
  }),
);

export const timelineEntry = of<TimelineEntry>()(
  object({
    attempt: text,
    task: text,
    agent: text,
    state: oneOf(attemptStates),
    leasedAt: time,
    endedAt: orNull(time),
  }),
);

const range = object({ low: number, high: number });

const planTask = object({
  id: text,
  title: text,
  prompt: text,
  needs: texts,
  skills: texts,
  files: texts,
  gates: texts,
  priority: number,
  budgetUsd: orNull(number),
  weight: number,
  diff: oneOf(["required", "optional"]),
  preferredCost: Type.Optional(oneOf(preferredCosts)),
});

const forecast = object({
  parallelism: count,
  criticalPath: texts,
  work: number,
  makespan: number,
  width: Type.Array(number),
  makespanMs: orNull(range),
  costUsd: orNull(range),
  basis: text,
});

const plan = of<Plan>()(
  object({
    goal: text,
    gates: texts,
    tasks: Type.Array(planTask),
    demands: Type.Optional(Type.Array(object({ quote: text, tasks: texts }))),
    forecast: Type.Optional(forecast),
  }),
);

export const planAnswer = of<PlanAnswer>()(
  object({ plan, costUsd: number, strategy: text, unmet: texts, warnings: texts }),
);
