/**
 * `godel/client`: a typed client of the engine's API.
 *
 *     const godel = new GodelClient({ url, token }); // of engine.json in GODEL_HOME
 *     const { team } = await godel.call("spawnTeam", { body: { repo, count: 5, task: "Implement OAuth" } });
 *     for await (const frame of godel.follow({ team: team.id })) …
 */
export type { OperationName } from "../api/operations/paths.ts";
export type { Answer, Body, Params, Query } from "../api/operations/table.ts";
export type * from "../api/plan-wire.ts";
export type * from "../api/wire.ts";
export { type ErrorCode, GodelError } from "../lib/errors.ts";
export { type CallOptions, GodelClient, type Input, type ListName } from "./client.ts";
export type { Follow } from "./follow.ts";
export type { Engine } from "./transport.ts";
