/**
 * A model server for tests that speaks OpenAI's chat completions. The prompt is the script, one step a line:
 *
 *   bash COMMAND | read PATH | write PATH TEXT | edit PATH OLD NEW    call a tool of the agent
 *   say TEXT                                                          end with TEXT, else with the last tool's result
 *   status CODE                                                       answer with an HTTP error
 *   free                                                              end, and report no usage
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { assert } from "../../lib/assert.ts";
import type { ModelTarget } from "../../model/model-target.ts";

export interface Message {
  role: "system" | "developer" | "user" | "assistant" | "tool";
  content: string | { type: string; text?: string }[] | null;
}

export interface ScriptedModel {
  /** What an attempt is given as its `modelUrl`. */
  url: string;
  /** The conversations that it was sent, in order. */
  requests: Message[][];
  /** What each request proved itself with. */
  authorizations: string[];
  /** Resolves when request `number`, counted from 1, has come. */
  requested(number: number): Promise<void>;
}

export const scriptedTarget: ModelTarget = {
  provider: "scripted",
  id: "scripted-1",
  api: "openai-completions",
  description: {
    name: "Scripted",
    reasoning: false,
    input: ["text"],
    cost: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
    contextWindow: 100_000,
    maxTokens: 4_000,
  },
};

/** Every answer waits for `before`, and what `say` says for `midway`, when half of it is sent. */
export async function scriptedModel(
  t: Pick<TestContext, "after">,
  before: Promise<void> = Promise.resolve(),
  midway: Promise<void> = Promise.resolve(),
): Promise<ScriptedModel> {
  const requests: Message[][] = [];
  const authorizations: string[] = [];
  const waiting = new Map<number, () => void>();
  const server = createServer(async (request, response) => {
    const { messages } = await body(request);
    requests.push(messages);
    authorizations.push(request.headers.authorization ?? "");
    waiting.get(requests.length)?.();
    await before;
    await answer(messages, response, midway);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/token/v1`,
    requests,
    authorizations,
    requested: (number) =>
      requests.length >= number ? Promise.resolve() : new Promise((resolve) => waiting.set(number, resolve)),
  };
}

async function body(request: IncomingMessage): Promise<{ messages: Message[] }> {
  assert(request.url === "/token/v1/chat/completions", `unexpected request for ${request.url}`);
  return JSON.parse(await text(request));
}

export function contentOf(message: Message | undefined): string {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("");
}

async function answer(messages: Message[], response: ServerResponse, midway: Promise<void>): Promise<void> {
  const script = contentOf(messages.find((message) => message.role === "user")).split("\n");
  const done = messages.filter((message) => message.role === "assistant").length;
  const [, verb = "say", rest = ""] = /^(\w+) ?(.*)$/.exec(script[done] ?? "") ?? [];
  switch (verb) {
    case "status":
      return fail(Number(rest), response);
    case "free":
      return stream(response, { deltas: [{ content: "done" }], reason: "stop", tokens: 0 });
    case "say": {
      const said = rest || ending(messages);
      const half = Math.ceil(said.length / 2);
      const deltas = [{ content: said.slice(0, half) }, { content: said.slice(half) }];
      return stream(response, { deltas, midway, reason: "stop", tokens: 10 });
    }
    default: {
      const call = { name: verb, arguments: JSON.stringify(toolArguments(verb, rest)) };
      const delta = { tool_calls: [{ index: 0, id: `call-${done}`, type: "function", function: call }] };
      return stream(response, { deltas: [delta], reason: "tool_calls", tokens: 10 });
    }
  }
}

function toolArguments(tool: string, rest: string): object {
  const [path = "", first = "", second = ""] = rest.split(" ");
  if (tool === "bash") return { command: rest };
  if (tool === "write") return { path, content: first };
  if (tool === "edit") return { path, edits: [{ oldText: first, newText: second }] };
  return { path };
}

/** The last tool's result and what was said since: a steered agent shows that it heard. */
function ending(messages: Message[]): string {
  return contentOf(messages.findLast((message) => message.role === "tool" || message.role === "user"));
}

function fail(status: number, response: ServerResponse): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message: `scripted failure`, type: "scripted" } }));
}

interface Reply {
  deltas: object[];
  /** Waited for after the first delta. */
  midway?: Promise<void>;
  reason: string;
  tokens: number;
}

async function stream(response: ServerResponse, { deltas, midway, reason, tokens }: Reply): Promise<void> {
  const chunk = { id: "chat-1", object: "chat.completion.chunk", created: 1, model: "scripted-1" };
  const usage = { prompt_tokens: tokens, completion_tokens: tokens, total_tokens: 2 * tokens };
  const send = (data: object) => response.write(`data: ${JSON.stringify({ ...chunk, ...data })}\n\n`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const delta of deltas) {
    send({ choices: [{ index: 0, delta: { role: "assistant", ...delta }, finish_reason: null }] });
    await midway;
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  send({ choices: [], usage });
  response.end("data: [DONE]\n\n");
}
