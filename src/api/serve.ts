/** Puts the operations of the table behind their addresses: roles, checks, answers that are kept by a key, ETags. */
import { hash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { GodelError } from "../lib/errors.ts";
import type { AnsweredOnce } from "./once.ts";
import type { Operation } from "./operations/operation.ts";
import { type OperationName, placeOf } from "./operations/paths.ts";
import { object } from "./operations/schema.ts";
import { type Answer, type Body, operationOf, type Params, type Query } from "./operations/table.ts";
import { type Caller, mayAct } from "./roles.ts";

declare module "fastify" {
  interface FastifyRequest {
    caller: Caller;
  }
}

export interface Asked<N extends OperationName> {
  params: Params<N>;
  query: Query<N>;
  body: Body<N>;
  caller: Caller;
  /** Of a request that may come twice; with who asks in it. */
  key: string | null;
}

export type Handler<N extends OperationName> = (asked: Asked<N>) => Answer<N> | Promise<Answer<N>>;
/** Answers an operation by `handle`. */
export type Serve = <N extends OperationName>(name: N, handle: Handler<N>) => void;
/** The same for one whose answer is written as it comes. */
export type ServeStream = <N extends OperationName>(
  name: N,
  handle: (asked: Asked<N>, request: FastifyRequest, reply: FastifyReply) => void,
) => void;

const defaultBodyLimit = 64 << 10;
const maxParamChars = 300;

export function serveOn(app: FastifyInstance, once: AnsweredOnce): Serve {
  return (name, handle) => {
    const { status = 200, isSecret } = operationOf(name);
    addRoute(app, name, async (request, reply) => {
      const asked = askedOf<typeof name>(request);
      if (request.method !== "POST") return sendTagged(request, reply, await handle(asked));
      const act = async () => JSON.stringify(await handle(asked));
      const { params, body, key } = asked;
      const repeatable = { operation: name, input: [params, body], isSecret: isSecret ?? false };
      const done = key === null ? null : await once.run({ key, ...repeatable }, act);
      if (done?.repeated) reply.header("idempotency-replayed", "true");
      return reply
        .code(status)
        .type(json)
        .send(done?.answer ?? (await act()));
    });
  };
}

export function serveStreamOn(app: FastifyInstance): ServeStream {
  return (name, handle) => {
    addRoute(app, name, async (request, reply) => handle(askedOf<typeof name>(request), request, reply));
  };
}

const json = "application/json; charset=utf-8";

function addRoute(
  app: FastifyInstance,
  name: OperationName,
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  const { method, path } = placeOf(name);
  const operation: Operation = operationOf(name);
  app.route({
    method,
    url: path,
    bodyLimit: operation.bodyLimit ?? defaultBodyLimit,
    schema: {
      params: paramsOf(path),
      querystring: operation.query ?? object({}),
      ...(operation.body && { body: operation.body }),
    },
    config: { operation: name },
    onRequest: ({ caller }, _reply, done) => {
      if (mayAct(caller.role, operation.role)) return done();
      done(new GodelError("FORBIDDEN", `${name} needs the role ${operation.role}; the token has ${caller.role}.`));
    },
    handler,
  });
}

/** A name may hold anything, but not endlessly much of it. */
export function paramsOf(path: string) {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  const properties = Object.fromEntries(
    names.map((name) => [name, { type: "string", minLength: 1, maxLength: maxParamChars }]),
  );
  return { type: "object", properties, required: names };
}

function askedOf<N extends OperationName>(request: FastifyRequest): Asked<N> {
  const { params, query, body, caller } = request;
  return { params, query, body, caller, key: keyOf(request) } as Asked<N>;
}

/** @throws GodelError REQUEST_INVALID */
function keyOf({ headers, caller }: FastifyRequest): string | null {
  const key = headers["idempotency-key"];
  if (key === undefined) return null;
  if (typeof key === "string" && /^[\x21-\x7e]{1,255}$/.test(key)) return `${caller.id} ${key}`;
  throw new GodelError("REQUEST_INVALID", "an Idempotency-Key is 1 to 255 printable characters of ASCII.");
}

/** What has not changed since the asker got it is not sent again (RFC 9110, 13.1.2). */
function sendTagged(request: FastifyRequest, reply: FastifyReply, answer: unknown): FastifyReply {
  const body = JSON.stringify(answer);
  const tag = `"${hash("sha1", body, "base64url")}"`;
  reply.header("etag", tag).header("cache-control", "private, no-cache");
  const known = request.headers["if-none-match"];
  if (known !== undefined && (known === "*" || known.split(/,\s*/).some((each) => each.replace(/^W\//, "") === tag))) {
    return reply.code(304).send();
  }
  return reply.type(json).send(body);
}
