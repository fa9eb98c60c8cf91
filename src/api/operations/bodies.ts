/** Schemas of what the API takes. They check form; meaning is checked where it is known. */
import { preferredCosts } from "../../model/preferred-cost.ts";
import type { PlanRequest } from "../plan-wire.ts";
import type {
  BackupRequest,
  BudgetRequest,
  BulkAgents,
  BulkTasks,
  GarbageRequest,
  ScaleRequest,
  SpawnRequest,
  TeamAnswer,
} from "../wire.ts";
import { object, of, oneOf, orNull } from "./schema.ts";
import { Type } from "./type.ts";

const text = Type.String({ maxLength: 200_000 });
const tags = Type.Array(Type.String({ minLength: 1, maxLength: 10_000 }), { maxItems: 1_000 });
const agents = Type.Integer({ minimum: 1, maximum: 10_000 });
const agentsOrNone = Type.Integer({ minimum: 0, maximum: 10_000 });
const filled = Type.String({ minLength: 1, maxLength: 200_000 });
const pattern = Type.String({ minLength: 1, maxLength: 1_000 });
const flag = Type.Boolean();
const optional = Type.Optional;
const share = { weight: optional(Type.Number()), priority: optional(Type.Integer()) };

export const spawnRequest = of<SpawnRequest>()(
  object({
    name: optional(text),
    repo: text,
    count: agents,
    min: optional(agentsOrNone),
    max: optional(agents),
    ...share,
    budgetUsd: optional(orNull(Type.Number({ minimum: 0 }))),
    budgetTokens: optional(orNull(Type.Integer({ minimum: 0 }))),
    model: optional(text),
    preferredCost: optional(oneOf(preferredCosts)),
    runtime: optional(text),
    skills: optional(tags),
    gates: optional(tags),
    plan: optional(Type.Unknown({ description: "A plan as a file holds it." })),
    task: optional(text),
    strategy: optional(text),
    files: optional(tags),
    query: optional(pattern),
  }),
);

export const planRequest = of<PlanRequest>()(
  object({
    repo: text,
    goal: optional(text),
    plan: optional(Type.Unknown({ description: "A plan as a file holds it, to be looked at." })),
    model: optional(text),
    parallelism: optional(agents),
    skills: optional(tags),
    strategy: optional(text),
    files: optional(tags),
    query: optional(pattern),
    keepUnmet: optional(flag),
    budgetUsd: optional(Type.Number({ exclusiveMinimum: 0 })),
  }),
);

export const scaleRequest = of<ScaleRequest>()(
  object({ count: optional(agents), min: optional(agentsOrNone), max: optional(agents), ...share }),
);
export const budgetRequest = of<BudgetRequest>()(object({ budgetUsd: orNull(Type.Number({ minimum: 0 })) }));
export const answerRequest = of<TeamAnswer>()(
  object({ answer: oneOf(["use", "wait", "give-up"]), model: optional(filled) }),
);
const ids = Type.Array(Type.String({ minLength: 1, maxLength: 1_000 }), { minItems: 1, maxItems: 1_000 });
export const bulkTasks = of<BulkTasks>()(object({ action: oneOf(["retry", "cancel"]), ids }));
export const bulkAgents = of<BulkAgents>()(object({ action: oneOf(["pause", "resume", "kill"]), ids }));
export const steerRequest = object({ text: filled });
export const garbageRequest = of<GarbageRequest>()(object({ dryRun: flag }));
export const backupRequest = of<BackupRequest>()(object({ path: filled, force: optional(flag) }));
