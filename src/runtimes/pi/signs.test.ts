import { deepEqual, equal, notEqual } from "node:assert/strict";
import { test } from "node:test";
import type { AgentSessionEvent } from "@earendil-works/pi-coding-agent";
import { type Clock, systemClock } from "../../lib/clock.ts";
import type { Sign } from "../../model/signs.ts";
import { signsOf } from "./signs.ts";

/** Time as the test says. */
class Time {
  now = 0;
  readonly clock: Clock = { ...systemClock, monotonic: () => this.now };
}

/** Events as pi gives them, of which only what is read here matters. */
function heard({ clock }: Time) {
  const signs = signsOf(clock);
  return (event: object): Sign[] => signs(event as AgentSessionEvent);
}

function call(hear: (event: object) => Sign[], id: string, args: object, result: object): Sign | undefined {
  hear({ type: "tool_execution_start", toolCallId: id, toolName: "bash", args });
  return hear({ type: "tool_execution_end", toolCallId: id, toolName: "bash", result, isError: false })[0];
}

test("however many tokens arrive, one sign a second tells of them", () => {
  const time = new Time();
  const hear = heard(time);
  const stream = () => Array.from({ length: 100 }, () => hear({ type: "message_update" })).flat();
  deepEqual(stream(), [{ what: "output" }]);
  time.now += 999;
  deepEqual(stream(), []);
  time.now += 1;
  deepEqual(stream(), [{ what: "output" }]);
});

test("equal calls with equal outcomes look alike, and others do not", () => {
  const hear = heard(new Time());
  const first = call(hear, "1", { command: "ls" }, { content: "x" });
  deepEqual(call(hear, "2", { command: "ls" }, { content: "x" }), first);
  const otherOutcome = call(hear, "3", { command: "ls" }, { content: "y" });
  const otherCall = call(hear, "4", { command: "pwd" }, { content: "x" });
  if (first?.what !== "tool-ended" || otherOutcome?.what !== "tool-ended" || otherCall?.what !== "tool-ended") {
    throw new Error("a call that ends is told as such");
  }
  equal(otherOutcome.action, first.action);
  notEqual(otherOutcome.outcome, first.outcome);
  notEqual(otherCall.action, first.action);
});

test("calls that run beside each other are told apart by their ids", () => {
  const hear = heard(new Time());
  for (const id of ["1", "2"]) {
    deepEqual(hear({ type: "tool_execution_start", toolCallId: id, toolName: id, args: {} }), [
      { what: "tool-started" },
    ]);
  }
  const [second] = hear({ type: "tool_execution_end", toolCallId: "2", toolName: "2", result: 1, isError: true });
  const [first] = hear({ type: "tool_execution_end", toolCallId: "1", toolName: "1", result: 1, isError: false });
  if (first?.what !== "tool-ended" || second?.what !== "tool-ended")
    throw new Error("a call that ends is told as such");
  notEqual(first.action, second.action);
  deepEqual([second.failed, first.failed], [true, false]);
});

test("an answer is told with its time since it was asked for, and what it says by a digest", () => {
  const time = new Time();
  const hear = heard(time);
  const usage = { output: 200, totalTokens: 900, cost: { total: 0.02 } };
  const message = { role: "assistant", usage, content: [{ type: "text", text: "secret words" }] };
  hear({ type: "turn_start" });
  time.now += 4_000;
  const [answered, said] = hear({ type: "message_end", message });
  deepEqual(answered, { what: "answered", seconds: 4, tokens: 200, totalTokens: 900, costUsd: 0.02 });
  equal(JSON.stringify(said).includes("secret"), false);
  deepEqual(hear({ type: "message_end", message: { ...message, role: "user" } }), []);
});
