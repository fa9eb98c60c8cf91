import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { lookAtCall, lookAtMessage, newHistory } from "./loops.ts";

/** The call, counted from 1, that closed a loop; 0 for none. Each is `action=outcome`, with `!` where it failed. */
function closedBy(...calls: string[]): number {
  const history = newHistory();
  return (
    1 +
    calls.findIndex((call) => {
      const [action = "", outcome = ""] = call.split("=");
      return lookAtCall(history, { action, outcome, failed: call.endsWith("!") }) !== null;
    })
  );
}

test("four equal calls with equal outcomes are a loop, three are not", () => {
  equal(closedBy("ls=x", "ls=x", "ls=x"), 0);
  equal(closedBy("ls=x", "ls=x", "ls=x", "ls=x"), 4);
});

test("equal calls whose outcomes differ are no loop: a poll that sees something new, a batch of edits", () => {
  equal(closedBy("poll=1", "poll=2", "poll=3", "poll=4", "poll=5", "poll=6", "poll=7"), 0);
  equal(closedBy("edit a=ok", "edit b=ok", "edit c=ok", "edit d=ok", "edit e=ok"), 0);
});

test("three equal calls that fail are a loop, whatever the message", () => {
  equal(closedBy("test=1!", "test=2!"), 0);
  equal(closedBy("test=1!", "test=2!", "test=3!"), 3);
});

test("two calls that alternate are a loop at the sixth, not at the fifth", () => {
  equal(closedBy("a=1", "b=2", "a=1", "b=2", "a=1"), 0);
  equal(closedBy("a=1", "b=2", "a=1", "b=2", "a=1", "b=2"), 6);
  equal(closedBy("a=1", "b=2", "a=1", "b=2", "a=1", "b=3"), 0);
});

test("three equal messages are a loop, unless a tool was called between them", () => {
  const history = newHistory();
  equal(lookAtMessage(history, "Done."), null);
  equal(lookAtMessage(history, "Done."), null);
  lookAtCall(history, { action: "ls", outcome: "x", failed: false });
  equal(lookAtMessage(history, "Done."), null);
  equal(lookAtMessage(history, "Done."), null);
  match(lookAtMessage(history, "Done.")?.detail ?? "", /same 3 times/);
});
