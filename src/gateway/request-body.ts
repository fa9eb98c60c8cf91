import { type Fields, isFields, parseJson } from "../lib/json.ts";
import { limitFields, withLimit } from "./output-limit.ts";
import { type Refusal, refusals } from "./refusal.ts";
import type { ServedModel } from "./served-model.ts";

/** What an agent asks, parsed once: `bytes` go upstream, and say the same as `fields` to every parser. */
export interface AgentRequest {
  fields: Fields;
  bytes: Buffer;
}

/** The request in `body`, or why it may not pass. */
export function checkedBody(body: Buffer, model: ServedModel): AgentRequest | Refusal {
  const request = parseJson(body.toString("utf8"));
  if (!isFields(request)) return refusals.notJson();
  if (request.model !== model.target.id) return refusals.otherModel(model.target.id);
  if (request.background === true) return refusals.background();
  const withUsage = wantsUsage(request, model);
  if (!withUsage && isPlain(body, model)) return { fields: request, bytes: body };
  return written(withUsage ?? request);
}

/** `asked` with at most `tokens` of output. */
export function limited(asked: AgentRequest, model: ServedModel, tokens: number): AgentRequest {
  return written(withLimit(asked.fields, model, tokens));
}

function written(fields: Fields): AgentRequest {
  return { fields, bytes: Buffer.from(JSON.stringify(fields)) };
}

/** The request with `include_usage`, without which a stream of completions does not say what it took. */
function wantsUsage(request: Fields, model: ServedModel): Fields | undefined {
  if (model.api !== "openai-completions" || request.stream !== true || !model.usageInStream) return undefined;
  const given = isFields(request.stream_options) ? request.stream_options : {};
  if (given.include_usage === true) return undefined;
  return { ...request, stream_options: { ...given, include_usage: true } };
}

/** Escapes of the letters and signs that the names of fields are made of. */
const escapes = ["\\u005", "\\u006", "\\u007"];

/**
 * Whether every JSON parser reads from these bytes what ours did, as far as it costs. A second `model` or `max_tokens`,
 * or one spelled with escapes (`\u006d…`), might name a dearer model or a longer answer to a parser that takes the first;
 * such a body is written anew.
 */
function isPlain(body: Buffer, { api }: ServedModel): boolean {
  const once = ["model", "n", ...limitFields[api]].map((name) => `"${name}"`);
  return once.every((name) => isOnce(body, name)) && !escapes.some((each) => body.includes(each));
}

function isOnce(body: Buffer, text: string): boolean {
  const first = body.indexOf(text);
  return first < 0 || body.indexOf(text, first + 1) < 0;
}
