import { deepEqual, equal, match } from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { offerModel } from "../scripted-provider.testing.ts";
import { Stage } from "../stage.testing.ts";

const canary = "sk-canary-0f9a7c5e3b1d";

/** A server on a free port of loopback that remembers what it was told. */
async function listening(
  context: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; told: string[] }> {
  const told: string[] = [];
  const server = createServer(async (request, response) => {
    told.push(`${request.url} ${await text(request)}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, told };
}

/** A provider that repeats the key in all that it says: refusals of each kind, headers, a stream of any length, a page. */
function parrot(context: TestContext): Promise<{ url: string; told: string[] }> {
  let asked = 0;
  return listening(context, ({ headers: { authorization } }, response) => {
    const said = { message: `bad credentials: ${authorization}`, type: "invalid_request_error" };
    const body = JSON.stringify({ error: said });
    const limit = { "x-ratelimit-limit-requests": "100000", "x-ratelimit-remaining-requests": "99999" };
    const headers = { "x-request-id": `of ${authorization}`, "retry-after-ms": "5", ...limit };
    asked += 1;
    switch (asked % 6) {
      case 0:
        return response.writeHead(429, headers).end(body);
      case 1:
        return response.writeHead(200, { ...headers, "content-type": "text/event-stream" }).end(`data: ${body}\n\n`);
      case 2:
        return response.writeHead(401, headers).end(`<html>${authorization}</html>`);
      case 3:
        return response.writeHead(503, headers).end(body);
      case 4:
        return response.writeHead(400, headers).end(body);
      default:
        return answer(response, headers, authorization ?? "");
    }
  });
}

/** An honest answer that says the key whole, and cut in two where a packet ends. */
function answer(response: ServerResponse, headers: Record<string, string>, authorization: string): void {
  const eventOf = (content: string, finish_reason: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason }] })}\n\n`;
  const text = eventOf(`You are ${authorization}`, null) + eventOf(`, and again ${authorization}`, null);
  const middle = text.lastIndexOf(authorization) + authorization.length - 5;
  response.writeHead(200, { ...headers, "content-type": "text/event-stream" });
  response.write(text.slice(0, middle));
  setImmediate(() => response.end(`${text.slice(middle)}${eventOf("", "stop")}data: [DONE]\n\n`));
}

/** Every file below `dir` that holds the canary. */
function holding(dir: string): string[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return paths.filter((path) => readFileSync(path).includes(canary));
}

test("a key that its provider repeats in every answer and error is in nothing that godel writes, answers or exports", async (context) => {
  const stage = new Stage(context);
  const provider = await parrot(context);
  const collector = await listening(context, (_request, response) => response.end("{}"));
  offerModel(stage, `${provider.url}/v1`);
  await stage.up({ MINE_KEY: canary, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });

  // Planning asks the model too; what it was told comes back as a problem.
  const asked = { goal: "Do something", repo: stage.repo, model: "mine/scripted-1" };
  const refused = await stage
    .post<Error & { code: string }>("/api/v1/plans", asked)
    .catch((error: Error & { code: string }) => error);
  equal(refused.code, "MODEL_FAILED");

  const plan = { tasks: ["a", "b", "c"].map((id) => ({ id, prompt: "say done" })) };
  const { team } = await stage.spawn({ plan, count: 3, model: "mine/scripted-1", budgetUsd: 1 });
  equal((await stage.ended(team.id)).team.state, "failed");
  const detail = await stage.task("a");
  match(JSON.stringify(detail), /credentials|redacted|40[01]/);
  await stage.until("spans have come", () => collector.told.length > 0);
  await stage.down();

  const answers = { refused: refused.message, detail, tasks: detail.attemptList };
  const written = { printed: stage.printed, spans: collector.told, answers, requests: provider.told };
  equal(JSON.stringify(written).includes(canary), false);
  deepEqual(holding(stage.dir), []);
  // The search finds what is there.
  writeFileSync(join(stage.home, "planted"), `x ${canary}`);
  deepEqual(holding(stage.dir), [join(stage.home, "planted")]);
});
