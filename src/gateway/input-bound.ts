/**
 * How many tokens a provider can count for what a request holds, at most.
 *
 * A byte of text is a token at most: byte-level BPE (GPT, Claude, Qwen, Llama 3) starts from bytes and only merges;
 * SentencePiece (Llama 2, Gemma, Mistral) falls back to bytes. JSON only lengthens text, and the frame of a message or a
 * tool in JSON is longer than in any prompt format. Prose has 4 bytes a token, so the bound is some four times too dear
 * for the first request of a session; the next are bounded by what that was billed (`session-bound.ts`). Not so for what is compressed, or is not in the request:
 *
 *   pictures          counted at `pictureTokens` each, instead of their bytes
 *   everything else   has no bound: such a request is refused to a team that has a budget
 */
import { type Fields, isFields } from "../lib/json.ts";

/** The dearest known: gpt-4o-mini bills 48,169 for one in high detail. Others stay below 20,000. */
const pictureTokens = 50_000;

/** What providers put before a request on their own account: instructions (xAI some 700), and more where there are tools. */
const hiddenTokens = 1_024;
const hiddenToolTokens = 1_024;

const pictures = new Set(["image", "image_url", "input_image", "computer_screenshot"]);

/** Content that a few bytes stand for: compressed, or at the provider. */
const unboundedParts = new Set([
  "document",
  "file",
  "input_file",
  "input_audio",
  "audio",
  "video",
  "video_url",
  "input_video",
  "item_reference",
  "container_upload",
]);

/** Tools that the agent runs itself. All others run at the provider, who bills what they read, and their use. */
const agentsTools = /^(?:function|custom|local_shell|apply_patch|namespace|computer|bash_|text_editor_|memory_)/;

/** Fields that bring in more than the request holds, or let the provider bill it in another way. */
const unboundedFields: Record<string, string> = {
  previous_response_id: "input kept at the provider",
  conversation: "input kept at the provider",
  prompt: "input kept at the provider",
  container: "input kept at the provider",
  mcp_servers: "tools that run at the provider",
  web_search_options: "tools that run at the provider",
  plugins: "tools that run at the provider",
  context_management: "steps that the provider adds",
  prediction: "output beyond its maximum",
  audio: "output beyond its maximum",
  models: "the choice of another model",
  fallbacks: "the choice of another model",
  speed: "a price of its own",
  inference_geo: "a price of its own",
};
/** Values that ask for nothing beyond the usual. */
const usual = new Set<unknown>([undefined, null, false, "standard", "global"]);

export interface InputBound {
  /** Of input, at most. */
  tokens: number;
  /** What pictures count beyond their own bytes; below zero where those are more. */
  pictures: number;
}

/** Tokens of input at most, or what in it has no bound. O(nodes of the request), without looking into its texts. */
export function inputBound(request: Fields, bytes: number): InputBound | string {
  for (const [name, what] of Object.entries(unboundedFields)) {
    if (!usual.has(request[name])) return `\`${name}\` (${what})`;
  }
  const tools = Array.isArray(request.tools) ? request.tools.filter(isFields) : [];
  const foreign = tools.find(({ type }) => type != null && !agentsTools.test(String(type)));
  if (foreign) return `the tool \`${foreign.type}\` (tools that run at the provider)`;
  const found: Found = { tokens: 0, unbounded: undefined };
  for (const name of ["system", "messages", "input"]) look(request[name], found);
  if (found.unbounded !== undefined) return `content of type \`${found.unbounded}\``;
  const hidden = hiddenTokens + (tools.length > 0 ? hiddenToolTokens : 0);
  return { tokens: bytes + found.tokens + hidden, pictures: found.tokens };
}

interface Found {
  /** To be added to the bytes. */
  tokens: number;
  unbounded: string | undefined;
}

/** Through messages and their content; not into what a tool was called with, which is plain text to the model. */
function look(value: unknown, found: Found): void {
  if (Array.isArray(value)) {
    for (const each of value) look(each, found);
    return;
  }
  if (!isFields(value)) return;
  const type = typeof value.type === "string" ? value.type : "";
  if (pictures.has(type)) {
    found.tokens += pictureTokens - dataBytes(value);
    return;
  }
  const source = isFields(value.source) ? value.source : {};
  const isText = type === "document" && (source.type === "text" || source.type === "content");
  if ((unboundedParts.has(type) && !isText) || isFields(value.audio)) found.unbounded ??= type || "audio";
  look(value.content, found);
  look(value.output, found);
  look(source.content, found);
}

/** Bytes of the picture itself, where it is in the request. Its length in characters is never more than that. */
function dataBytes(part: Fields): number {
  const { source, image_url: url } = part;
  if (isFields(source) && typeof source.data === "string") return source.data.length;
  const address = isFields(url) ? url.url : url;
  return typeof address === "string" && address.startsWith("data:") ? address.length : 0;
}
