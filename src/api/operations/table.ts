/**
 * Every operation of the API: what it takes, answers and refuses, and who may ask. One table: requests are checked by it,
 * `/openapi.json`, `/docs` and the tools of `/mcp` are made from it, and `godel/client` has its types.
 */
import type { Static, TSchema } from "typebox";
import { engineOperations } from "./engine-operations.ts";
import type { Operation } from "./operation.ts";
import type { OperationName, paths } from "./paths.ts";
import { teamOperations } from "./team-operations.ts";
import { workOperations } from "./work-operations.ts";

const operations = { ...teamOperations, ...workOperations, ...engineOperations } satisfies Record<
  OperationName,
  Operation
>;

type Table = typeof operations;

/** The names that stand in a path after a colon. */
type NamesIn<P extends string> = P extends `${string}:${infer N}/${infer Rest}`
  ? N | NamesIn<Rest>
  : P extends `${string}:${infer N}`
    ? N
    : never;

export type Params<N extends OperationName> = { [K in NamesIn<(typeof paths)[N]>]: string };
export type Query<N extends OperationName> = Table[N] extends { query: infer S extends TSchema } ? Static<S> : object;
export type Body<N extends OperationName> = Table[N] extends { body: infer S extends TSchema } ? Static<S> : undefined;
export type Answer<N extends OperationName> = Static<Table[N]["answer"]>;

export function operationOf(name: OperationName): Operation {
  return operations[name];
}
