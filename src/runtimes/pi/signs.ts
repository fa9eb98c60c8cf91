import { hash } from "node:crypto";
import type { AgentSessionEvent } from "@earendil-works/pi-coding-agent";
import type { Clock, Millis } from "../../lib/clock.ts";
import type { Sign } from "../../model/signs.ts";
import { textOf } from "./tally.ts";

/** Tokens arrive by the hundred a second; one sign of them is enough. */
const outputGapMs: Millis = 1_000;

/** Turns the events of one session into signs for the health monitor. Cheap where tokens stream: a comparison each. */
export function signsOf(clock: Clock): (event: AgentSessionEvent) => Sign[] {
  let outputAt = Number.NEGATIVE_INFINITY;
  let askedAt = clock.monotonic();
  const actions = new Map<string, string>();

  function output(): Sign[] {
    const now = clock.monotonic();
    if (now - outputAt < outputGapMs) return [];
    outputAt = now;
    return [{ what: "output" }];
  }

  return (event) => {
    switch (event.type) {
      case "turn_start":
        askedAt = clock.monotonic();
        return [];
      case "message_update":
      case "tool_execution_update":
      case "auto_retry_start":
      case "compaction_start":
        return output();
      case "tool_execution_start":
        actions.set(event.toolCallId, digest([event.toolName, event.args]));
        return [{ what: "tool-started" }];
      case "tool_execution_end": {
        const action = actions.get(event.toolCallId) ?? "";
        actions.delete(event.toolCallId);
        return [{ what: "tool-ended", action, outcome: digest(event.result), failed: event.isError }];
      }
      case "message_end": {
        const { message } = event;
        if (message.role !== "assistant") return [];
        const { output: tokens, totalTokens, cost } = message.usage;
        const seconds = (clock.monotonic() - askedAt) / 1_000;
        const answered: Sign = { what: "answered", seconds, tokens, totalTokens, costUsd: cost.total };
        const text = textOf(message);
        return text === "" ? [answered] : [answered, { what: "said", text: digest(text) }];
      }
      default:
        return [];
    }
  };
}

/** Equal for what is equal; not secret. */
function digest(value: unknown): string {
  return hash("sha1", JSON.stringify(value) ?? "", "base64url").slice(0, 12);
}
