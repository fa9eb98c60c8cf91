import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { readableLine } from "./transcript.ts";

test("shows what was said and which tools were called, with the time", () => {
  const content = [
    { type: "text", text: "I read\nit." },
    { type: "toolCall", name: "read", arguments: { path: "a.js" } },
  ];
  const line = JSON.stringify({
    type: "message",
    timestamp: "2026-01-02T03:04:05.000Z",
    message: { role: "assistant", content },
  });
  deepEqual(readableLine(line), ["03:04:05 assistant: I read it.", '03:04:05 assistant: → read {"path":"a.js"}']);
});

test("leaves plain text as it is, and entries that say nothing out", () => {
  deepEqual(readableLine("make: done"), ["make: done"]);
  deepEqual(readableLine(JSON.stringify({ type: "model_change", model: "x" })), []);
});
