/** One decision for many tasks or agents. */
import type { BulkAgents, BulkAnswer, BulkTasks } from "../../src/api/wire.ts";
import { post } from "./api.ts";

/** As many as one request takes. */
const maxIds = 1_000;

/** @throws ApiError when the request itself is refused; what single ones are refused is in the answer */
export async function forTasks(action: BulkTasks["action"], ids: readonly string[]): Promise<BulkAnswer> {
  return inParts("/api/v1/tasks/bulk", action, ids);
}

/** @throws ApiError as `forTasks` */
export async function forAgents(action: BulkAgents["action"], ids: readonly string[]): Promise<BulkAnswer> {
  return inParts("/api/v1/agents/bulk", action, ids);
}

async function inParts(path: string, action: string, ids: readonly string[]): Promise<BulkAnswer> {
  const all: BulkAnswer = { done: [], refused: [] };
  for (let from = 0; from < ids.length; from += maxIds) {
    const { done, refused } = await post<BulkAnswer>(path, { action, ids: ids.slice(from, from + maxIds) });
    all.done.push(...done);
    all.refused.push(...refused);
  }
  return all;
}

/** `3 tasks retried`, and why others were not. */
export function toldOf({ done, refused }: BulkAnswer, what: string, did: string): string {
  const count = `${done.length.toLocaleString("en-US")} ${done.length === 1 ? what : `${what}s`} ${did}`;
  const first = refused[0];
  return first ? `${count}; ${refused.length} refused: ${first.detail}` : `${count}.`;
}
