/** A call of a tool as a span, with the names of the semantic conventions for generative AI: a part of its attempt's. */
import { randomBytes } from "node:crypto";
import { type Span, spanIdOf, traceIdOf } from "../lib/otlp.ts";
import type { AgentId, AttemptId } from "../model/records.ts";
import type { ToolCall } from "../runtimes/index.ts";

export function toolSpan(agent: AgentId, attempt: AttemptId, { tool, startedAt, ms, failed }: ToolCall): Span {
  // An attempt's id is that of its task and its number.
  const task = attempt.slice(0, attempt.lastIndexOf("/"));
  return {
    traceId: traceIdOf(task),
    spanId: randomBytes(8).toString("hex"),
    parentSpanId: spanIdOf(attempt),
    name: `execute_tool ${tool}`,
    kind: 1,
    startAt: startedAt,
    endAt: startedAt + ms,
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": tool,
      "gen_ai.conversation.id": attempt,
      "godel.agent": agent,
      "godel.task": task,
      "godel.attempt": attempt,
      ...(failed && { "error.type": "tool_error" }),
    },
    ...(failed && { error: "the tool failed" }),
  };
}
