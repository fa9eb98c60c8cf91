import type { AgentSessionEvent } from "@earendil-works/pi-coding-agent";
import { isFields } from "../../lib/json.ts";
import { textOf } from "./tally.ts";

/** A line for people on what a session's event says, or undefined where it says nothing new. Cheap: runs per token. */
export function describe(event: AgentSessionEvent): string | (() => string) | undefined {
  switch (event.type) {
    case "tool_execution_start":
      return toolLine(event.toolName, event.args);
    case "message_update": {
      const { message } = event;
      if (message.role !== "assistant" || event.assistantMessageEvent.type !== "text_delta") return undefined;
      return () => textOf(message);
    }
    case "auto_retry_start":
      return `waits ${Math.round(event.delayMs / 1_000)} s, then repeats the request (${event.attempt} of ${event.maxAttempts}): ${event.errorMessage}`;
    case "compaction_start":
      return "compacts its conversation";
    default:
      return undefined;
  }
}

/** `bash npm test`, `edit src/a.ts`: the tool and its main argument. */
function toolLine(tool: string, args: unknown): string {
  const fields = isFields(args) ? args : {};
  const [first = ""] = String(fields.command ?? fields.path ?? "").split("\n");
  return `${tool} ${first}`.trim();
}
