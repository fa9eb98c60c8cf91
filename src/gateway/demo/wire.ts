/** The demo model's side of OpenAI chat completions: a request's answer as one JSON body or as SSE chunks. */
import type { Fields } from "../../lib/json.ts";
import { fieldsIn } from "./conversation.ts";
import type { Answer } from "./script.ts";

/** Pieces an answer is streamed in: enough to look alive, few enough to stay cheap for 1,000 agents. */
const minPieceChars = 24;
const maxPieces = 48;

/** Characters a token, roughly, as for English and code. */
const charsPerToken = 4;

export interface Frame {
  id: string;
  created: number;
  model: string;
}

export function completion(frame: Frame, answer: Answer, usage: Fields): Fields {
  const message =
    "text" in answer
      ? { role: "assistant", content: answer.text }
      : { role: "assistant", content: null, tool_calls: [toolCall(frame, answer, JSON.stringify(answer.args))] };
  const choices = [{ index: 0, message, finish_reason: finishReason(answer) }];
  return { ...frame, object: "chat.completion", choices, usage };
}

/** The chunks in order; the last carries the usage, as `stream_options.include_usage` asks for. */
export function* chunks(frame: Frame, answer: Answer, usage: Fields): Generator<Fields> {
  const chunk = (delta: Fields, reason: string | null = null): Fields => ({
    ...frame,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  yield chunk({ role: "assistant", content: "text" in answer ? "" : null });
  if ("text" in answer) {
    for (const content of pieces(answer.text)) yield chunk({ content });
  } else {
    yield chunk({ tool_calls: [{ index: 0, ...toolCall(frame, answer, "") }] });
    for (const part of pieces(JSON.stringify(answer.args))) {
      yield chunk({ tool_calls: [{ index: 0, function: { arguments: part } }] });
    }
  }
  yield chunk({}, finishReason(answer));
  yield { ...frame, object: "chat.completion.chunk", choices: [], usage };
}

/** What a real model of this size would bill: the prefix that the last request had already counts as cached. */
export function usageOf(request: Fields, answer: Answer): Fields {
  const messages = fieldsIn(request.messages);
  const lastAnswer = messages.findLastIndex((each) => each.role === "assistant");
  const head = tokens(JSON.stringify(request.tools ?? ""));
  const cached = lastAnswer < 0 ? 0 : head + tokens(JSON.stringify(messages.slice(0, lastAnswer)));
  const prompt = Math.max(cached, head + tokens(JSON.stringify(messages)));
  const written = tokens("text" in answer ? answer.text : JSON.stringify(answer.args));
  return {
    prompt_tokens: prompt,
    completion_tokens: written,
    total_tokens: prompt + written,
    prompt_tokens_details: { cached_tokens: cached },
  };
}

/** `answer`, cut where the request's maximum of tokens ends; a call of a tool that is cut is only text. */
export function within(request: Fields, answer: Answer): Answer {
  const max = Number(request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY);
  const written = "text" in answer ? answer.text : JSON.stringify(answer.args);
  return tokens(written) <= max ? answer : { text: written.slice(0, max * charsPerToken), cut: true };
}

function toolCall(frame: Frame, answer: { tool: string }, args: string): Fields {
  return { id: `call_${frame.id}`, type: "function", function: { name: answer.tool, arguments: args } };
}

function finishReason(answer: Answer): string {
  if (!("text" in answer)) return "tool_calls";
  return answer.cut ? "length" : "stop";
}

function* pieces(text: string): Generator<string> {
  const size = Math.max(minPieceChars, Math.ceil(text.length / maxPieces));
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

function tokens(text: string): number {
  return Math.ceil(text.length / charsPerToken);
}
