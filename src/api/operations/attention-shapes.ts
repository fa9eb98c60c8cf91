/** Schemas of what needs a person, and of one decision for many. */
import type { Attention, AttentionAction, AttentionGroup, BulkAnswer } from "../wire.ts";
import { count, number, object, of, oneOf, orNull, text, texts, time } from "./schema.ts";
import { Type } from "./type.ts";

const causes = ["failed", "budget", "paused", "agents-paused", "parked", "alert", "team-failed"] as const;
const actions: AttentionAction[] = ["retry", "raise-budget", "resume-team", "resume-agents", "answer"];

const group = of<AttentionGroup>()(
  object({
    key: text,
    cause: oneOf(causes),
    team: orNull(object({ id: text, name: text })),
    title: text,
    count,
    items: Type.Array(object({ id: text, detail: text })),
    heldUp: count,
    since: orNull(time),
    budgetUsd: orNull(number),
    actions: Type.Array(oneOf(actions)),
  }),
);

export const attention = of<Attention>()(object({ items: Type.Array(group) }));
export const bulkAnswer = of<BulkAnswer>()(
  object({ done: texts, refused: Type.Array(object({ id: text, code: text, detail: text })) }),
);
