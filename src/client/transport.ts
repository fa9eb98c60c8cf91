/** Requests to an engine. `node:http` rather than fetch, which gives up on an answer after five minutes: planning may take longer. */
import type { IncomingMessage } from "node:http";
import { catalog, type ErrorCode, GodelError, messageOf } from "../lib/errors.ts";
import { http } from "../lib/http.ts";
import { isFields, parseJson } from "../lib/json.ts";

export interface Engine {
  /** Such as `http://127.0.0.1:7373`. */
  url: string;
  /** `token` of `engine.json`, or one of `godel token create`. */
  token: string;
}

export interface Sent {
  method: "GET" | "POST";
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Silence after which it fails, in ms. Default: none. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** The answer, as JSON. @throws GodelError with the engine's code, or ENGINE_UNREACHABLE */
export async function ask(engine: Engine, sent: Sent): Promise<unknown> {
  const response = await open(engine, sent);
  const value = parseJson(await readAll(response, engine.url));
  if ((response.statusCode ?? 500) >= 400) throw refusal(value, response.statusCode ?? 500);
  return value;
}

/** The answer before its body has come. @throws GodelError ENGINE_UNREACHABLE */
export async function open({ url, token }: Engine, sent: Sent): Promise<IncomingMessage> {
  const { method, path, body, timeoutMs, signal } = sent;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers: Record<string, string | number> = {
    authorization: `Bearer ${token}`,
    accept: "application/json",
    ...sent.headers,
  };
  if (payload !== undefined) {
    headers["content-type"] = "application/json";
    headers["content-length"] = Buffer.byteLength(payload);
  }
  // On loopback, where most ask, TLS need not be loaded.
  const request = url.startsWith("https:") ? (await import("node:https")).request : http.request;
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, url), { method, headers, agent: false, ...(signal && { signal }) }, resolve);
    call.on("error", (error) => reject(unreachable(url, error)));
    if (timeoutMs !== undefined) call.setTimeout(timeoutMs, () => call.destroy(new Error("no answer")));
    call.end(payload);
  });
}

export function unreachable(url: string, cause: unknown): GodelError {
  return new GodelError("ENGINE_UNREACHABLE", `the engine does not answer at ${url}: ${messageOf(cause)}.`, { cause });
}

export async function readAll(response: IncomingMessage, url: string): Promise<string> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  } catch (error) {
    throw unreachable(url, error);
  }
}

/** What a problem document (RFC 9457) says. A code of a newer engine is not known here, and is our fault. */
export function refusal(problem: unknown, status: number): GodelError {
  if (!isFields(problem)) return new GodelError("INTERNAL", `the engine answered with status ${status}.`);
  const message = String(problem.detail ?? problem.title ?? `status ${status}`);
  const code = String(problem.code);
  return code in catalog
    ? new GodelError(code as ErrorCode, message)
    : new GodelError("INTERNAL", `${message} (${code})`);
}
