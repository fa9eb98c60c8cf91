/** A provider to point the gateway at: it answers each request as the test says, and remembers what came. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "../lib/clock.ts";
import type { Fields } from "../lib/json.ts";
import type { Usage } from "../model/usage.ts";
import { readBody } from "./body.ts";
import { Gateway } from "./gateway.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import { type GivenProvider, providerOptions } from "./limits/provider-options.ts";
import { closeServer, listen } from "./listen.ts";
import type { RequestRecord } from "./request-record.ts";
import type { Spender } from "./scopes.ts";

export const key = "sk-test-0123456789abcdef";

export interface Seen {
  url: string;
  headers: IncomingMessage["headers"];
  body: Fields;
}

export interface Provider {
  url: string;
  seen: Seen[];
  /** What the next requests are answered with. */
  answer: (response: ServerResponse, seen: Seen) => void;
}

export async function openProvider(t: TestContext): Promise<Provider> {
  const provider: Provider = { url: "", seen: [], answer: (response) => response.end("{}") };
  const server = createServer(async (request, response) => {
    const body = (await readBody(request, 2 ** 30)) ?? Buffer.alloc(0);
    const seen = { url: request.url ?? "", headers: request.headers, body: JSON.parse(body.toString()) };
    provider.seen.push(seen);
    provider.answer(response, seen);
  });
  provider.url = `http://127.0.0.1:${await listen(server)}`;
  t.after(() => closeServer(server));
  return provider;
}

export interface Bench {
  gateway: Gateway;
  provider: Provider;
  piDir: string;
  reports: [spender: Spender, usage: Usage][];
  /** What the gateway had to say to people. */
  lines: string[];
}

const cost = { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 2 };

/** A gateway with one fake provider that speaks all three APIs, and the team `t` with `budgetUsd`. */
export async function openBench(
  t: TestContext,
  given: {
    budgetUsd?: number;
    limits?: Partial<GatewayLimits>;
    onRequest?: (record: RequestRecord) => void;
    providers?: Record<string, GivenProvider>;
  } = {},
): Promise<Bench> {
  const provider = await openProvider(t);
  const piDir = mkdtempSync(join(tmpdir(), "godel-gateway-"));
  const one = (api: string, path: string) => ({
    baseUrl: provider.url + path,
    api,
    apiKey: "$FAKE_KEY",
    models: [{ id: "m/1", cost }, { id: "free" }],
  });
  const providers = {
    chat: { ...one("openai-completions", "/v1"), headers: { "x-org": "acme" } },
    resp: one("openai-responses", "/v1"),
    anth: one("anthropic-messages", ""),
    other: one("google-generative-ai", ""),
    keyless: { ...one("openai-completions", "/v1"), apiKey: "$ABSENT_KEY" },
  };
  writeModels(piDir, providers);
  const reports: Bench["reports"] = [];
  const lines: string[] = [];
  const gateway = await Gateway.open({
    piDir,
    env: { FAKE_KEY: key },
    clock: systemClock,
    onUsage: (...report) => reports.push(report),
    limits: { maxRepeats: 0, ...given.limits },
    ...(given.onRequest && { onRequest: given.onRequest }),
    providers: providerOptions(given.providers),
    log: (line) => lines.push(line),
  });
  gateway.openTeam({ id: "t", limit: { usd: given.budgetUsd ?? null, tokens: null }, spent: { usd: 0, tokens: 0 } });
  t.after(async () => {
    await gateway.close();
    rmSync(piDir, { recursive: true });
  });
  return { gateway, provider, piDir, reports, lines };
}

export function writeModels(piDir: string, providers: Fields): void {
  writeFileSync(join(piDir, "models.json"), JSON.stringify({ providers }));
}

/** A grant's URL for attempt `a` of agent `g`. */
export async function grantUrl({ gateway }: Bench, model: string, attempt = "a"): Promise<string> {
  const { url } = await gateway.grant({ attempt, task: "k", agent: "g", team: "t", model });
  return url;
}

/** Posts as an agent does, with a dummy key. */
export function ask(url: string, body: Fields, signal?: AbortSignal): Promise<Response> {
  const headers = { "content-type": "application/json", authorization: "Bearer dummy", "x-api-key": "dummy" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify({ model: "m/1", ...body }), signal });
}

/** An answer in server-sent events. */
export function stream(response: ServerResponse, events: unknown[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) response.write(`data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
