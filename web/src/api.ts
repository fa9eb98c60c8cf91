/** The engine over HTTP, with the session that the browser keeps. */
import type { Problem } from "../../src/api/wire.ts";

/** What the engine refused, and what to do about it. */
export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;
  constructor(problem: Problem) {
    super(problem.detail);
    this.code = problem.code;
    this.hint = problem.hint;
  }
}

/** @throws ApiError; TypeError where no engine answers */
export function get<T>(path: string): Promise<T> {
  return call<T>("GET", path);
}

/** @throws ApiError; TypeError where no engine answers */
export function post<T>(path: string, body: unknown = {}): Promise<T> {
  return call<T>("POST", path, JSON.stringify(body));
}

/** `a/b` may stand in names: an address segment holds them whole. */
export function apiPath(strings: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: strings }, ...values.map(encodeURIComponent));
}

async function call<T>(method: string, path: string, body?: string): Promise<T> {
  const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(path, { method, headers, body: body ?? null });
  const answer: unknown = await response.json();
  if (!response.ok) throw new ApiError(answer as Problem);
  return answer as T;
}
