/** Schemas of what the API answers about the engine itself, and of what it refuses with. */
import { catalog } from "../../lib/errors.ts";
import { garbageKinds } from "../../model/garbage.ts";
import { type NodeState, nodeMoves } from "../../model/states.ts";
import { roles } from "../roles.ts";
import type { BackupAnswer, Garbage, GarbageAnswer, Health, NodeView, Problem, Providers, Ticket } from "../wire.ts";
import type { AuditEntry, CreatedToken, TokenRequest, TokenView } from "../wire-access.ts";
import { count, number, object, of, oneOf, orNull, text, texts, time } from "./schema.ts";
import { Type } from "./type.ts";

const nodeStates = Object.keys(nodeMoves) as NodeState[];

const room = orNull(object({ free: number, total: number }));
const nodeView = of<NodeView>()(
  object({
    id: text,
    state: oneOf(nodeStates),
    pid: count,
    linked: Type.Boolean(),
    pressure: text,
    cores: count,
    agents: count,
    busy: count,
    load: orNull(
      object({
        hosts: count,
        rssBytes: number,
        lagMs: number,
        memory: room,
        disk: room,
        files: room,
        processes: room,
      }),
    ),
  }),
);

export const health = of<Health>()(
  object({
    version: text,
    pid: count,
    home: text,
    startedAt: time,
    epoch: text,
    seq: text,
    nodes: Type.Array(nodeView),
    liveTeams: count,
  }),
);

export const providers = of<Providers>()(
  object({
    items: Type.Array(
      object({
        name: text,
        models: texts,
        breaker: oneOf(["closed", "open", "half-open"]),
        parked: orNull(object({ until: number, why: text })),
        inFlight: count,
        latencyMs: orNull(number),
        learntPerMinute: orNull(number),
        limits: Type.Array(object({ name: text, used: number, limit: orNull(number) })),
      }),
    ),
  }),
);

export const backupAnswer = of<BackupAnswer>()(object({ path: text, seq: text, sizeBytes: count, notIncluded: texts }));
const garbage = of<Garbage>()(
  object({ kind: oneOf(garbageKinds), name: text, team: orNull(text), why: text, bytes: orNull(count) }),
);
export const garbageAnswer = of<GarbageAnswer>()(
  object({ dryRun: Type.Boolean(), removed: Type.Array(garbage), kept: Type.Array(garbage) }),
);
export const ticket = of<Ticket>()(object({ path: text }));
export const tokenRequest = of<TokenRequest>()(
  object({
    role: oneOf(roles),
    name: Type.Optional(Type.String({ maxLength: 100 })),
    expiresDays: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 36_500 })),
  }),
);
const token = {
  id: text,
  name: text,
  role: oneOf(roles),
  state: oneOf(["live", "expired", "revoked"]),
  createdAt: time,
  expiresAt: orNull(time),
};
export const tokenView = of<TokenView>()(object(token));
export const createdToken = of<CreatedToken>()(object({ ...token, token: text }));
export const auditEntry = of<AuditEntry>()(
  object({
    at: time,
    who: text,
    role: text,
    from: text,
    operation: text,
    params: Type.Record(Type.String(), text),
    body: text,
    status: Type.Integer(),
  }),
);

export const ok = object({ ok: Type.Literal(true) });

export const problem = of<Problem>()(
  object({
    type: text,
    title: text,
    status: Type.Integer(),
    detail: text,
    code: Type.Unsafe<string>({ type: "string", enum: Object.keys(catalog) }),
    hint: text,
  }),
);
