import type { AgentSessionEvent } from "@earendil-works/pi-coding-agent";
import type { Clock } from "../../lib/clock.ts";
import type { ToolCall } from "../runtime.ts";

/** Names come from a model: a longer one is cut, in characters. */
const maxName = 80;

/** Puts the start and the end of each call of a tool together; undefined for any event but an end. */
export function toolCallsOf(clock: Clock): (event: AgentSessionEvent) => ToolCall | undefined {
  const underWay = new Map<string, { wall: number; monotonic: number }>();
  return (event) => {
    if (event.type === "tool_execution_start") {
      underWay.set(event.toolCallId, { wall: clock.wall(), monotonic: clock.monotonic() });
    }
    if (event.type !== "tool_execution_end") return undefined;
    const start = underWay.get(event.toolCallId);
    underWay.delete(event.toolCallId);
    if (!start) return undefined;
    const ms = clock.monotonic() - start.monotonic;
    return { tool: event.toolName.slice(0, maxName), startedAt: start.wall, ms, failed: event.isError };
  };
}
