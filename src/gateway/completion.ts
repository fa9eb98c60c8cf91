import { GodelError, messageOf } from "../lib/errors.ts";
import { http } from "../lib/http.ts";
import { type Fields, isFields, parseJson } from "../lib/json.ts";
import type { ChatMessage, ToolSpec } from "../model/chat.ts";
import type { TeamId } from "../model/records.ts";
import { apis, type ModelApi } from "./apis.ts";
import { readBody } from "./body.ts";
import { usualField } from "./output-limit.ts";
import type { ServedModel } from "./served-model.ts";
import type { Connections } from "./upstream.ts";

export interface CompletionRequest {
  model: string;
  /** Who pays; null before there is a team. */
  team: TeamId | null;
  messages: ChatMessage[];
  maxTokens: number;
  /** What the model is to call; its arguments are the answer. */
  tool?: ToolSpec;
}

export interface Completion {
  /** The gateway's own, with the token of a grant. */
  url: string;
  served: ServedModel;
  messages: ChatMessage[];
  maxTokens: number;
  tool?: ToolSpec;
  connections: Connections;
}

/** Longest silence of the gateway, in ms: it may wait for a provider's limit to lift. */
const longestWaitMs = 3_600_000;

/** Longest answer read, in bytes. */
const maxAnswerBytes = 16 * 2 ** 20;

/** One whole answer, asked for as an agent would ask: the arguments of the call of `tool` as JSON, else what was said. @throws GodelError BUDGET_EXHAUSTED, MODEL_FAILED */
export async function completeOnce(completion: Completion): Promise<string> {
  const { url, served, connections } = completion;
  const { api, target } = served;
  const asking = { ...forms[api].ask(completion), ...(completion.tool && forms[api].offer(completion.tool)) };
  const { status, body } = await post(`${url}/${apis[api].endpoint}`, asking, connections).catch((cause) => {
    throw new GodelError("MODEL_FAILED", `${target.provider}/${target.id}: ${messageOf(cause)}`, { cause });
  });
  const answer = parseJson(body);
  if (status === 402) throw new GodelError("BUDGET_EXHAUSTED", errorIn(answer) ?? "the budget is spent");
  if (status !== 200 || !isFields(answer)) {
    throw new GodelError(
      "MODEL_FAILED",
      `${target.provider}/${target.id}: HTTP ${status}, ${errorIn(answer) ?? "no text"}`,
    );
  }
  return forms[api].called(answer) ?? forms[api].text(answer);
}

interface Form {
  ask(completion: Completion): Fields;
  /** The fields by which a tool is offered and asked for. */
  offer(tool: ToolSpec): Fields;
  /** Arguments of the first call in an answer, or undefined. */
  called(answer: Fields): string | undefined;
  text(answer: Fields): string;
}

const forms: Record<ModelApi, Form> = {
  "openai-completions": {
    ask: ({ served, messages, maxTokens }) => ({
      model: served.target.id,
      messages: messages.map(({ role, text }) => ({ role, content: text })),
      [usualField(served)]: maxTokens,
    }),
    offer: ({ name, description, parameters }) => ({
      tools: [{ type: "function", function: { name, description, parameters } }],
      tool_choice: { type: "function", function: { name } },
    }),
    called: (answer) => {
      const [call] = messagesIn(answer).flatMap((message) => list(message.tool_calls));
      return isFields(call?.function) ? argumentsOf(call.function.arguments) : undefined;
    },
    text: (answer) =>
      messagesIn(answer)
        .map((message) => textOf(message.content))
        .join(""),
  },
  "openai-responses": {
    ask: ({ served, messages, maxTokens }) => ({
      model: served.target.id,
      input: messages.map(({ role, text }) => ({ role, content: text })),
      max_output_tokens: maxTokens,
      store: false,
    }),
    offer: ({ name, description, parameters }) => ({
      tools: [{ type: "function", name, description, parameters, strict: false }],
      tool_choice: { type: "function", name },
    }),
    called: (answer) => argumentsOf(list(answer.output).find(({ type }) => type === "function_call")?.arguments),
    text: (answer) =>
      list(answer.output)
        .map((item) => textOf(item.content))
        .join(""),
  },
  "anthropic-messages": {
    ask: ({ served, messages, maxTokens }) => ({
      model: served.target.id,
      system: messages
        .filter(({ role }) => role === "system")
        .map(({ text }) => text)
        .join("\n\n"),
      messages: messages.filter(({ role }) => role !== "system").map(({ role, text }) => ({ role, content: text })),
      max_tokens: maxTokens,
    }),
    offer: ({ name, description, parameters }) => ({
      tools: [{ name, description, input_schema: parameters }],
      tool_choice: { type: "tool", name },
    }),
    called: (answer) => argumentsOf(list(answer.content).find(({ type }) => type === "tool_use")?.input),
    text: (answer) => textOf(answer.content),
  },
};

function messagesIn(answer: Fields): Fields[] {
  return list(answer.choices)
    .map(({ message }) => message)
    .filter(isFields);
}

/** Arguments come as JSON or as the object itself. */
function argumentsOf(value: unknown): string | undefined {
  return isFields(value) ? JSON.stringify(value) : typeof value === "string" ? value : undefined;
}

/** Content is text, or a list of parts of which some are text. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return list(content)
    .map((part) => (typeof part.text === "string" ? part.text : ""))
    .join("");
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function errorIn(answer: unknown): string | undefined {
  const error = isFields(answer) ? answer.error : undefined;
  return isFields(error) && typeof error.message === "string" ? error.message : undefined;
}

function post(url: string, body: Fields, { http: agent }: Connections): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const headers = { "content-type": "application/json", "anthropic-version": "2023-06-01" };
  const sending = http.request(url, { method: "POST", headers, agent, timeout: longestWaitMs });
  sending.once("timeout", () => sending.destroy(new Error(`no answer within ${longestWaitMs} ms`)));
  sending.once("error", reject);
  sending.once("response", (response) => {
    readBody(response, maxAnswerBytes)
      .then((bytes) => resolve({ status: response.statusCode ?? 0, body: bytes?.toString("utf8") ?? "" }))
      .catch(reject);
  });
  sending.end(JSON.stringify(body));
  return promise;
}
