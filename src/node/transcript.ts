/** Reads what a runtime keeps of an attempt: the session file of pi, or plain text. */
import { type Fields, isFields, parseJson } from "../lib/json.ts";
import { maxStepChars, type TranscriptStep } from "../model/transcript.ts";

const maxLineChars = 400;

/** One line of a transcript as people read it: what was said, asked of tools, and answered. Other entries give none. */
export function readableLine(line: string): string[] {
  const entry = parseJson(line);
  // A runtime that keeps plain text keeps it as it is.
  if (!isFields(entry)) return [line];
  const role = isFields(entry.message) ? entry.message.role : "";
  const told = stepsOf(line).filter(({ kind }) => kind !== "thought");
  return told.map(({ at, kind, tool, text }) => {
    const what = kind === "call" ? `→ ${tool} ${oneLine(text)}` : oneLine(text);
    return `${at === null ? "" : `${at.slice(11, 19)} `}${role}: ${what}`.slice(0, maxLineChars);
  });
}

/** The steps that one line tells of; entries that say nothing, and what the system was told, give none. */
export function stepsOf(line: string): TranscriptStep[] {
  const entry = parseJson(line);
  if (!isFields(entry)) return [{ ...step, kind: "output", text: line.slice(0, maxStepChars) }];
  const { message } = entry;
  if (!isFields(message) || message.role === "system") return [];
  const at = typeof entry.timestamp === "string" ? entry.timestamp : null;
  const steps = partsOf(message).map((part) => ({
    ...step,
    ...part,
    at,
    text: (part.text ?? "").slice(0, maxStepChars),
  }));
  const last = steps.at(-1);
  if (last) last.usage = usageOf(message.usage);
  return steps;
}

const step: TranscriptStep = { at: null, kind: "output", tool: "", text: "", failed: false, usage: null };

function partsOf(message: Fields): Partial<TranscriptStep>[] {
  const { role, content } = message;
  const result = role === "toolResult";
  const base = {
    kind: result ? ("result" as const) : role === "assistant" ? ("said" as const) : ("prompt" as const),
    tool: result ? String(message.toolName ?? "") : "",
    failed: message.isError === true || message.stopReason === "error",
  };
  if (typeof content === "string") return [{ ...base, text: content }];
  const parts = (Array.isArray(content) ? content : []).filter(isFields).flatMap((part): Partial<TranscriptStep>[] => {
    if (part.type === "text") return [{ ...base, text: String(part.text) }];
    if (part.type === "thinking") return [{ kind: "thought", text: String(part.thinking ?? "") }];
    if (part.type === "toolCall") {
      return [{ kind: "call", tool: String(part.name), text: JSON.stringify(part.arguments) }];
    }
    return [];
  });
  const error = typeof message.errorMessage === "string" ? [{ ...base, failed: true, text: message.errorMessage }] : [];
  return [...parts, ...error];
}

function usageOf(usage: unknown): TranscriptStep["usage"] {
  if (!isFields(usage)) return null;
  const { input, output, cacheRead, cacheWrite, cost } = usage;
  const costUsd = isFields(cost) ? Number(cost.total ?? 0) : 0;
  return {
    input: Number(input ?? 0),
    output: Number(output ?? 0),
    cacheRead: Number(cacheRead ?? 0),
    cacheWrite: Number(cacheWrite ?? 0),
    costUsd,
  };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
