/** The engine over HTTP. `node:http` rather than fetch, which gives up on an answer after five minutes: planning may take longer. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { EngineFile } from "../api/wire.ts";
import { catalog, type ErrorCode, GodelError, messageOf } from "../lib/errors.ts";
import { isFields, parseJson } from "../lib/json.ts";
import type { Home } from "../model/home.ts";
import { readEngineFile } from "./engine-file.ts";

export interface CallOptions {
  body?: unknown;
  /** Silence after which the call fails, in ms. Default: none. */
  timeoutMs?: number;
}

type Method = "GET" | "POST";

export class Client {
  readonly #engine: EngineFile;

  constructor(engine: EngineFile) {
    this.#engine = engine;
  }

  /** @throws GodelError ENGINE_UNREACHABLE where no engine has said where it listens. */
  static of(home: Home): Client {
    const engine = readEngineFile(home);
    if (engine === null) throw new GodelError("ENGINE_UNREACHABLE", `no engine runs in ${home.dir}.`);
    return new Client(engine);
  }

  get<T>(path: string, options: CallOptions = {}): Promise<T> {
    return this.#call<T>("GET", path, options);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.#call<T>("POST", path, { body });
  }

  /** All items of a list. */
  async list<T>(path: string): Promise<T[]> {
    return (await this.get<{ items: T[] }>(path)).items;
  }

  /** @throws GodelError with the engine's code, or ENGINE_UNREACHABLE. */
  async #call<T>(method: Method, path: string, options: CallOptions): Promise<T> {
    const response = await this.#send(method, path, options);
    const text = await readAll(response, this.#engine.url);
    const value = parseJson(text);
    if ((response.statusCode ?? 500) >= 400) throw refusal(value, response.statusCode ?? 500);
    return value as T;
  }

  #send(method: Method, path: string, { body, timeoutMs }: CallOptions): Promise<IncomingMessage> {
    const { url, token } = this.#engine;
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string | number> = { authorization: `Bearer ${token}`, accept: "application/json" };
    if (payload !== undefined) {
      headers["content-type"] = "application/json";
      headers["content-length"] = Buffer.byteLength(payload);
    }
    return new Promise((resolve, reject) => {
      const call = httpRequest(new URL(path, url), { method, headers, agent: false }, resolve);
      call.on("error", (error) => reject(unreachable(url, error)));
      if (timeoutMs !== undefined) call.setTimeout(timeoutMs, () => call.destroy(new Error("no answer")));
      call.end(payload);
    });
  }
}

/** `a/b` and the like may stand in names: an address segment holds them whole. */
export function path(strings: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: strings }, ...values.map(encodeURIComponent));
}

/** `-` names the one live team, else the newest. */
export function teamPath(team: string | undefined): string {
  return path`/api/v1/teams/${team ?? "-"}`;
}

export function unreachable(url: string, cause: unknown): GodelError {
  return new GodelError("ENGINE_UNREACHABLE", `the engine does not answer at ${url}: ${messageOf(cause)}.`, { cause });
}

async function readAll(response: IncomingMessage, url: string): Promise<string> {
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
