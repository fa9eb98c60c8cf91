import { type Fields, isFields, parseJson } from "../lib/json.ts";
import { limitFields, withLimit } from "./output-limit.ts";
import { type Refusal, refusals } from "./refusal.ts";
import type { ServedModel } from "./served-model.ts";

/**
 * What an agent asks, parsed once: `bytes` go upstream, and say the same as `fields` to every parser.
 * `fields` are let go once the agent has a part of its answer: hundreds of streams at once would hold as many conversations
 * among the young objects, which the collector copies.
 */
export interface AgentRequest {
  fields: Fields;
  readonly bytes: Buffer;
}

/** The request in `body`, or why it may not pass. */
export function checkedBody(body: Buffer, model: ServedModel): AgentRequest | Refusal {
  const text = body.toString("utf8");
  const request = parseJson(text);
  if (!isFields(request)) return refusals.notJson();
  if (request.model !== model.target.id) return refusals.otherModel(model.target.id);
  if (request.background === true) return refusals.background();
  const withUsage = wantsUsage(request, model);
  if (!isPlain(text, model)) return written(withUsage ?? request);
  const plain = { fields: request, bytes: body };
  return withUsage === undefined ? plain : rewritten(plain, withUsage);
}

/** `asked` with at most `tokens` of output. */
export function limited(asked: AgentRequest, model: ServedModel, tokens: number): AgentRequest {
  return rewritten(asked, withLimit(asked.fields, model, tokens));
}

/** `asked`, of another model. */
export function askedOf(asked: AgentRequest, { target }: ServedModel): AgentRequest {
  return written({ ...asked.fields, model: target.id });
}

/** A request that says `fields`. */
export function written(fields: Fields): AgentRequest {
  return { fields, bytes: Buffer.from(JSON.stringify(fields)) };
}

/**
 * `asked` as it says `fields`. Where they only add to it they are written behind what is there: a conversation of a megabyte
 * is not written anew for the sake of one number.
 */
function rewritten(asked: AgentRequest, fields: Fields): AgentRequest {
  const isSame = Object.entries(asked.fields).every(([name, value]) => fields[name] === value);
  const end = asked.bytes.lastIndexOf("}");
  const added = Object.entries(fields).filter(([name]) => !Object.hasOwn(asked.fields, name));
  if (!isSame || end < 0) return written(fields);
  const text = added.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`).join("");
  return { fields, bytes: Buffer.concat([asked.bytes.subarray(0, end), Buffer.from(`${text}}`)]) };
}

/** The request with `include_usage`, without which a stream of completions does not say what it took. */
function wantsUsage(request: Fields, model: ServedModel): Fields | undefined {
  if (model.api !== "openai-completions" || request.stream !== true || !model.usageInStream) return undefined;
  const given = isFields(request.stream_options) ? request.stream_options : {};
  if (given.include_usage === true) return undefined;
  return { ...request, stream_options: { ...given, include_usage: true } };
}

/** An escape of a letter or sign that names of fields are made of. One pass; three `includes` take six times as long. */
const escaped = /\\u00[567]/;

/**
 * Whether every JSON parser reads from this text what ours did, as far as it costs. A second `model` or `max_tokens`,
 * or one spelled with escapes (`\u006d…`), might name a dearer model or a longer answer to a parser that takes the first;
 * such a body is written anew.
 */
function isPlain(text: string, { api }: ServedModel): boolean {
  const once = ["model", "n", ...limitFields[api]].map((name) => `"${name}"`);
  return once.every((name) => isOnce(text, name)) && !escaped.test(text);
}

function isOnce(text: string, part: string): boolean {
  const first = text.indexOf(part);
  return first < 0 || text.indexOf(part, first + 1) < 0;
}
