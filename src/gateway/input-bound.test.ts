import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Fields } from "../lib/json.ts";
import { inputBound } from "./input-bound.ts";

function bound(request: Fields): number | string {
  const found = inputBound(request, JSON.stringify(request).length);
  return typeof found === "string" ? found : found.tokens;
}

function tokens(request: Fields): number {
  const found = bound(request);
  ok(typeof found === "number", String(found));
  return found;
}

test("a byte is a token at most, and providers add words of their own, more of them for tools", () => {
  const request = { messages: [{ role: "user", content: "x".repeat(1_000) }] };
  const bytes = JSON.stringify(request).length;
  equal(tokens(request), bytes + 1_024);
  const tools = inputBound({ ...request, tools: [{ type: "function" }] }, bytes);
  deepEqual(tools, { tokens: bytes + 2_048, pictures: 0 });
});

test("a picture counts the same whatever its bytes, in each API, also in what a tool gave back", () => {
  const data = "A".repeat(200_000);
  const picture = { type: "image", source: { type: "base64", media_type: "image/png", data } };
  for (const content of [
    [picture],
    [{ type: "tool_result", tool_use_id: "x", content: [picture] }],
    [{ type: "image_url", image_url: { url: `data:image/png;base64,${data}` } }],
    [{ type: "image_url", image_url: { url: "https://pictures.example/1" } }],
    [{ type: "input_image", image_url: `data:image/png;base64,${data}` }],
  ]) {
    const found = tokens({ messages: [{ role: "user", content }] });
    ok(found > 50_000 && found < 52_000, `${found}`);
  }
  const given = [{ type: "function_call_output", output: [{ type: "input_image", image_url: `data:${data}` }] }];
  ok(tokens({ input: given }) < 52_000);
});

test("what is compressed, or at the provider, has no bound", () => {
  const content = (part: Fields) => ({ messages: [{ role: "user", content: [part] }] });
  for (const [request, why] of [
    [content({ type: "document", source: { type: "base64", data: "" } }), /`document`/],
    [content({ type: "file", file: { file_id: "f" } }), /`file`/],
    [content({ type: "input_audio" }), /`input_audio`/],
    [{ messages: [{ role: "assistant", audio: { id: "a" } }] }, /`audio`/],
    [{ input: [{ type: "item_reference", id: "x" }] }, /`item_reference`/],
    [{ previous_response_id: "r" }, /`previous_response_id`/],
    [{ speed: "fast" }, /a price of its own/],
    [{ tools: [{ type: "web_search_20250305", name: "web_search" }] }, /web_search_20250305.*run at the provider/],
    [{ tools: [{ type: "code_interpreter" }] }, /code_interpreter/],
  ] as [Fields, RegExp][]) {
    match(String(bound(request)), why);
  }
});

test("what only looks like it is text: a tool's own arguments, a document in words, a tool without a type", () => {
  tokens({ messages: [{ role: "assistant", content: [{ type: "tool_use", input: { type: "file", path: "x" } }] }] });
  tokens({ messages: [{ role: "user", content: [{ type: "document", source: { type: "text", data: "words" } }] }] });
  tokens({ tools: [{ name: "read", input_schema: {} }, { type: "bash_20250124" }, { type: "custom" }] });
  tokens({ speed: "standard", context_management: null, audio: false });
});
