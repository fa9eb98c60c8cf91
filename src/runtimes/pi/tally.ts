import type { AgentSessionEvent } from "@earendil-works/pi-coding-agent";
import { addUsage, noUsage, type Usage } from "../../model/usage.ts";

type AnyMessage = Extract<AgentSessionEvent, { type: "message_end" }>["message"];
export type AssistantMessage = Extract<AnyMessage, { role: "assistant" }>;

/** What one answer of the model cost, by pi's own count. */
export function usageOf({ usage }: AssistantMessage): Usage {
  const { input, output, cacheRead, cacheWrite, cost } = usage;
  return { requests: 1, input, output, cacheRead, cacheWrite, costUsd: cost.total };
}

export interface Tally {
  usage: Usage;
  /** The newest complete answer. */
  last: AssistantMessage | undefined;
}

export function newTally(): Tally {
  return { usage: noUsage, last: undefined };
}

/** Counts every answer that is complete; one that failed counts as a request. */
export function count(tally: Tally, event: AgentSessionEvent): void {
  if (event.type !== "message_end" || event.message.role !== "assistant") return;
  tally.usage = addUsage(tally.usage, usageOf(event.message));
  tally.last = event.message;
}

/** The text of an answer, without its thinking and its tool calls. */
export function textOf(message: AssistantMessage): string {
  return message.content.map((part) => (part.type === "text" ? part.text : "")).join("");
}
