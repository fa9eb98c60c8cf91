/** The three APIs as a provider speaks them: an honest answer, and its parts for those that are not. */
import type { ServerResponse } from "node:http";
import type { Fields } from "../lib/json.ts";

export interface ApiForm {
  model: string;
  /** Below the grant's URL. */
  path: string;
  /** The request's maximum of output. */
  limit: string;
  /** What an answer begins with, text, and its last words. */
  start: Fields[];
  delta: Fields;
  end(usage: Fields | undefined): (Fields | string)[];
  usage(input: unknown, output: unknown): Fields;
  /** What a stream begins with that refuses the request. */
  refusal: string;
}

export const apiForms: readonly ApiForm[] = [
  {
    model: "chat/m/1",
    path: "/chat/completions",
    limit: "max_tokens",
    start: [{ choices: [{ index: 0, delta: { role: "assistant" } }] }],
    delta: { choices: [{ index: 0, delta: { content: "hello" } }] },
    end: (usage) => [
      { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
      ...(usage ? [{ choices: [], usage }] : []),
      "[DONE]",
    ],
    usage: (input, output) => ({ prompt_tokens: input, completion_tokens: output }),
    refusal: 'data: {"error":{"message":"later","code":429}}\n\n',
  },
  {
    model: "resp/m/1",
    path: "/responses",
    limit: "max_output_tokens",
    start: [{ type: "response.created", response: { usage: null } }],
    delta: { type: "response.output_text.delta", delta: "hello" },
    end: (usage) => [{ type: "response.completed", response: usage ? { usage } : {} }],
    usage: (input, output) => ({ input_tokens: input, output_tokens: output }),
    refusal: 'event: error\ndata: {"type":"error","error":{"type":"rate_limit_error","message":"later"}}\n\n',
  },
  {
    model: "anth/m/1",
    path: "/v1/messages",
    limit: "max_tokens",
    start: [{ type: "message_start", message: {} }],
    delta: { type: "content_block_delta", delta: { text: "hello" } },
    end: (usage) => [{ type: "message_delta", ...(usage && { usage }) }, { type: "message_stop" }],
    usage: (input, output) => ({ input_tokens: input, output_tokens: output }),
    refusal: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"later"}}\n\n',
  },
];

export function say(response: ServerResponse, events: readonly (Fields | string)[]): void {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) response.write(`data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
}

/** A whole answer of 10 tokens to 50. */
export function sayHello(response: ServerResponse, form: ApiForm): void {
  say(response, [...form.start, form.delta, ...form.end(form.usage(50, 10))]);
  response.end();
}
