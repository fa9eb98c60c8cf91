import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { readableLine, stepsOf } from "./transcript.ts";

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

test("tells steps apart, with what the request cost at the last of them, and nothing of what the system was told", () => {
  const usage = { input: 10, output: 5, cacheRead: 3, cacheWrite: 0, cost: { total: 0.25 } };
  const line = (message: object) => JSON.stringify({ type: "message", timestamp: "2026-01-02T03:04:05.000Z", message });
  const content = [
    { type: "thinking", thinking: "hm" },
    { type: "text", text: "two\nlines" },
    { type: "toolCall", name: "bash", arguments: { command: "ls" } },
  ];
  const steps = stepsOf(line({ role: "assistant", content, usage }));
  deepEqual(
    steps.map(({ kind, tool, text }) => [kind, tool, text]),
    [
      ["thought", "", "hm"],
      ["said", "", "two\nlines"],
      ["call", "bash", '{"command":"ls"}'],
    ],
  );
  const cost = { input: 10, output: 5, cacheRead: 3, cacheWrite: 0, costUsd: 0.25 };
  deepEqual(
    steps.map((step) => step.usage),
    [null, null, cost],
  );
  const result = { role: "toolResult", toolName: "bash", isError: true, content: [{ type: "text", text: "no" }] };
  const told = { at: "2026-01-02T03:04:05.000Z", usage: null, tool: "bash", text: "no", failed: true };
  deepEqual(stepsOf(line(result)), [{ ...told, kind: "result" }]);
  deepEqual(stepsOf(line({ role: "system", content: "secret" })), []);
  deepEqual(stepsOf("make: done")[0]?.kind, "output");
});
