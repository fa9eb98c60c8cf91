import { isFields, parseJson } from "../lib/json.ts";

const maxLineChars = 400;

/** One line of a transcript as people read it: what was said, asked of tools, and answered. Other entries give none. */
export function readableLine(line: string): string[] {
  const entry = parseJson(line);
  // A runtime that keeps plain text keeps it as it is.
  if (!isFields(entry)) return [line];
  if (!isFields(entry.message)) return [];
  const { role, content } = entry.message;
  const at = typeof entry.timestamp === "string" ? `${entry.timestamp.slice(11, 19)} ` : "";
  return partsOf(content).map((part) => `${at}${role}: ${part}`.slice(0, maxLineChars));
}

function partsOf(content: unknown): string[] {
  if (typeof content === "string") return [oneLine(content)];
  if (!Array.isArray(content)) return [];
  return content.filter(isFields).flatMap((part) => {
    if (part.type === "text") return [oneLine(String(part.text))];
    if (part.type === "toolCall") return [`→ ${part.name} ${oneLine(JSON.stringify(part.arguments))}`];
    return [];
  });
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
