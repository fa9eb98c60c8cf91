import { type Fields, isFields, parseJson } from "../lib/json.ts";
import { type Refusal, refusals } from "./refusal.ts";
import type { ServedModel } from "./served-model.ts";

/** The bytes to send upstream for what an agent sent, or why not. */
export function checkedBody(body: Buffer, model: ServedModel): Buffer | Refusal {
  const request = parseJson(body.toString("utf8"));
  if (!isFields(request)) return refusals.notJson();
  if (request.model !== model.target.id) return refusals.otherModel(model.target.id);
  if (request.background === true) return refusals.background();
  const withUsage = wantsUsage(request, model);
  if (!withUsage && isPlain(body)) return body;
  return Buffer.from(JSON.stringify(withUsage ?? request));
}

/** The request with `include_usage`, without which a stream of completions does not say what it took. */
function wantsUsage(request: Fields, model: ServedModel): Fields | undefined {
  if (model.api !== "openai-completions" || request.stream !== true || !model.usageInStream) return undefined;
  const given = isFields(request.stream_options) ? request.stream_options : {};
  if (given.include_usage === true) return undefined;
  return { ...request, stream_options: { ...given, include_usage: true } };
}

/**
 * Whether every JSON parser reads the same `model` from these bytes as ours did. A second `model` key, or one spelled
 * with escapes (`\u006d…`), might name a dearer model to a parser that takes the first; such a body is written anew.
 */
function isPlain(body: Buffer): boolean {
  return body.indexOf('"model"') === body.lastIndexOf('"model"') && !body.includes("\\u006");
}
