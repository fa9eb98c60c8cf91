/** What a session says while somebody watches: the answer as it streams, then what its tools print. */
import type { AgentSessionEvent } from "@earendil-works/pi-coding-agent";
import type { Clock, Millis } from "../../lib/clock.ts";
import { type Fields, isFields } from "../../lib/json.ts";
import { maxSayingChars, type Saying } from "../../model/transcript.ts";
import { watchMs } from "../runtime.ts";
import { thinned } from "../thinned.ts";

/** The least time between two tellings of one agent, in ms: as fast as people can follow. */
export const sayingGapMs: Millis = 100;

/** Parts that are told at most, the newest. */
const maxParts = 8;

export interface SayingOf {
  /** Cheap: runs per token, for every agent. */
  hear(event: AgentSessionEvent): void;
  watch(): void;
  end(): void;
}

export function sayingOf(clock: Clock, emit: (parts: Saying[]) => void): SayingOf {
  let until = Number.NEGATIVE_INFINITY;
  let answer: unknown[] = [];
  /** What tools that run have printed, by their call. */
  const printed = new Map<string, { tool: string; result: unknown }>();
  let wasEmpty = true;
  const line = thinned(clock, sayingGapMs, (parts: Saying[]) => {
    if (parts.length === 0 && wasEmpty) return false;
    wasEmpty = parts.length === 0;
    emit(parts);
    return true;
  });
  const parts = () => [...answer.flatMap(partOf), ...[...printed.values()].flatMap(printedPart)].slice(-maxParts);
  const changed = () => {
    if (clock.monotonic() < until) line.say(parts);
  };

  return {
    hear(event) {
      switch (event.type) {
        case "message_update":
          if (event.message.role === "assistant") answer = event.message.content;
          return changed();
        case "tool_execution_update":
          printed.set(event.toolCallId, { tool: event.toolName, result: event.partialResult });
          return changed();
        case "message_end":
          // From now on the transcript has it.
          if (event.message.role === "assistant") answer = [];
          else if (event.message.role === "toolResult") printed.delete(event.message.toolCallId);
          else return;
          return changed();
        default:
      }
    },
    watch() {
      until = clock.monotonic() + watchMs;
      line.say(parts);
    },
    end() {
      until = Number.NEGATIVE_INFINITY;
      line.end();
    },
  };
}

function partOf(part: unknown): Saying[] {
  if (!isFields(part)) return [];
  if (part.type === "text") return said("said", "", part.text);
  if (part.type === "thinking") return said("thought", "", part.thinking);
  if (part.type === "toolCall") return said("call", String(part.name), JSON.stringify(part.arguments ?? {}));
  return [];
}

function printedPart({ tool, result }: { tool: string; result: unknown }): Saying[] {
  const content = isFields(result) && Array.isArray(result.content) ? result.content : [];
  const text = content.filter(isFields).map(({ text }: Fields) => (typeof text === "string" ? text : ""));
  return said("result", tool, text.join(""));
}

function said(kind: Saying["kind"], tool: string, text: unknown): Saying[] {
  return typeof text === "string" && text !== "" ? [{ kind, tool, text: text.slice(-maxSayingChars) }] : [];
}
