import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { AgentSessionEvent } from "@earendil-works/pi-coding-agent";
import { ManualClock } from "../../lib/manual-clock.testing.ts";
import { maxSayingChars, type Saying } from "../../model/transcript.ts";
import { watchMs } from "../runtime.ts";
import { sayingGapMs, sayingOf } from "./saying.ts";

function speaker() {
  const clock = new ManualClock();
  const told: string[][] = [];
  const saying = sayingOf(clock, (parts) => told.push(parts.map(({ kind, tool, text }) => `${kind} ${tool} ${text}`)));
  const hear = (event: object) => saying.hear(event as AgentSessionEvent);
  const says = (...content: object[]) => hear({ type: "message_update", message: { role: "assistant", content } });
  return { clock, told, saying, hear, says };
}

const text = (text: string) => ({ type: "text", text });

test("an agent that nobody watches tells nothing, and one that is watched what it says by now, for a while", () => {
  const { clock, told, saying, says } = speaker();
  says(text("one"));
  deepEqual(told, []);
  saying.watch();
  deepEqual(told, [["said  one"]]);
  clock.pass(watchMs - 1);
  says(text("one two"));
  deepEqual(told.at(-1), ["said  one two"]);
  clock.pass(1);
  says(text("one two three"));
  clock.pass(watchMs);
  deepEqual(told.length, 2);
});

test("tokens that come fast are told together, a gap apart", () => {
  const { clock, told, saying, says } = speaker();
  saying.watch();
  says(text("a"));
  for (const more of ["ab", "abc", "abcd"]) says(text(more));
  deepEqual(told, [["said  a"]]);
  clock.pass(sayingGapMs - 1);
  deepEqual(told.length, 1);
  clock.pass(1);
  deepEqual(told, [["said  a"], ["said  abcd"]]);
});

test("thinking, text, calls and what tools print are told until the transcript has them", () => {
  const { clock, told, saying, hear, says } = speaker();
  const next = (change: () => void) => {
    clock.pass(sayingGapMs);
    change();
    return told.at(-1);
  };
  saying.watch();
  const call = { type: "toolCall", name: "bash", arguments: { command: "ls" } };
  deepEqual(
    next(() => says({ type: "thinking", thinking: "hm" }, text("I look"), call)),
    ["thought  hm", "said  I look", 'call bash {"command":"ls"}'],
  );
  deepEqual(
    next(() => hear({ type: "message_end", message: { role: "assistant" } })),
    [],
  );
  const printed = { content: [text("a.js\n")] };
  deepEqual(
    next(() =>
      hear({ type: "tool_execution_update", toolCallId: "1", toolName: "bash", args: {}, partialResult: printed }),
    ),
    ["result bash a.js\n"],
  );
  deepEqual(
    next(() => hear({ type: "message_end", message: { role: "toolResult", toolCallId: "1" } })),
    [],
  );
  const before = told.length;
  next(() => hear({ type: "message_end", message: { role: "user" } }));
  deepEqual(told.length, before, "what changes nothing is not told");
});

test("of much the end is told", () => {
  const parts: Saying[] = [];
  const saying = sayingOf(new ManualClock(), (all) => parts.push(...all));
  saying.watch();
  const content = [text(`${"x".repeat(maxSayingChars)}end`)];
  saying.hear({ type: "message_update", message: { role: "assistant", content } } as unknown as AgentSessionEvent);
  deepEqual([parts[0]?.text.length, parts[0]?.text.slice(-3)], [maxSayingChars, "end"]);
});
