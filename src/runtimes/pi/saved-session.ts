/**
 * Sessions that pi left on disk, read without pi: the node does this, and does not load it.
 *
 * The file is JSON lines: a header, then entries that each name the one before them (`parentId`); pi appends an entry
 * as a whole when a message is complete. A process that dies leaves at most half a line at the end, and tool calls
 * that nobody answered.
 */
import { type Fields, isFields, parseJson } from "../../lib/json.ts";
import { addUsage, noUsage } from "../../model/usage.ts";
import type { Mended, Refused } from "../saved-session.ts";
import { type AssistantMessage, textOf, usageOf } from "./tally.ts";

/** The format that `mendSession` knows, that of pi 0.87. */
const formatVersion = 3;

/** Read by the model, in place of the result that never came; its beginning is known to the demo model. */
export const interrupted =
  "Interrupted: the process that ran this died. It may have had all, a part or none of its effect; look before you repeat it.";

type Answer = Fields & AssistantMessage;

interface Entry extends Fields {
  id: string;
  parentId: string | null;
}

/**
 * A session that can go on: half a line at its end is cut off, and each tool call without a result gets one that says
 * so. Whatever else is wrong with the file is a reason to refuse it. O(length).
 */
export function mendSession(file: string): Mended | Refused {
  const lines = file.split("\n");
  const torn = lines.pop() ?? "";
  // A last line that is whole only lacks its end.
  if (isFields(parseJson(torn))) lines.push(torn);
  const [header, ...entries] = lines.map(parseJson);
  if (!isFields(header) || header.type !== "session" || typeof header.id !== "string") {
    return { refused: "its session file has no header" };
  }
  if (header.version !== formatVersion) return { refused: `its session file has format ${header.version}` };
  if (!entries.every(isEntry)) return { refused: "its session file is damaged" };
  const branch = branchOf(entries);
  if (!branch) return { refused: "its session file is damaged" };
  const messages = branch.map(({ message }) => message).filter(isFields);
  if (!messages.some(({ role }) => role === "user")) return { refused: "nothing had been said yet" };
  const answers = closedBy(branch, messages);
  return {
    id: header.id,
    text: [...lines, ...answers.map((entry) => JSON.stringify(entry))].map((line) => `${line}\n`).join(""),
    usage: messages.filter(isAnswer).filter(counts).map(usageOf).reduce(addUsage, noUsage),
    finished: answers.length === 0 ? lastWords(messages) : null,
  };
}

function isEntry(value: unknown): value is Entry {
  return isFields(value) && typeof value.id === "string" && (value.parentId === null || isId(value.parentId));
}

function isId(value: unknown): value is string {
  return typeof value === "string";
}

/** From the root to the newest entry, which is where pi goes on; undefined where the chain is broken. */
function branchOf(entries: readonly Entry[]): Entry[] | undefined {
  const byId = new Map<string, Entry>();
  for (const entry of entries) {
    // A parent stands before its child, so a chain ends.
    if (byId.has(entry.id) || (entry.parentId !== null && !byId.has(entry.parentId))) return undefined;
    byId.set(entry.id, entry);
  }
  const branch: Entry[] = [];
  for (let at = entries.at(-1); at; at = byId.get(at.parentId ?? "")) branch.push(at);
  return branch.reverse();
}

/** Entries with results for the calls of the last answer that have none; earlier ones were answered, or pi drops them. */
function closedBy(branch: readonly Entry[], messages: readonly Fields[]): Entry[] {
  const last = messages.findLastIndex(isAnswer);
  const answer = messages[last];
  if (!answer || !isAnswer(answer) || !counts(answer)) return [];
  const after = messages.slice(last + 1);
  const known = new Set(after.map(({ toolCallId }) => toolCallId));
  const calls = answer.content.filter((part) => part.type === "toolCall").filter(({ id }) => !known.has(id));
  const timestamp = branch.at(-1)?.timestamp;
  let parentId = branch.at(-1)?.id ?? null;
  return calls.map((call, i) => {
    const content = [{ type: "text", text: interrupted }];
    const message = { role: "toolResult", toolCallId: call.id, toolName: call.name, content, isError: true };
    const entry: Entry = {
      type: "message",
      id: `${parentId}-${i + 1}`,
      parentId,
      timestamp,
      message: { ...message, timestamp: answer.timestamp },
    };
    parentId = entry.id;
    return entry;
  });
}

function isAnswer(message: Fields): message is Answer {
  return message.role === "assistant" && Array.isArray(message.content) && isFields(message.usage);
}

/** pi leaves an answer that broke off out of what it sends. */
function counts({ stopReason }: AssistantMessage): boolean {
  return stopReason !== "error" && stopReason !== "aborted";
}

/** An end that cost nothing is not believed, as in a session that was not interrupted. */
function lastWords(messages: readonly Fields[]): string | null {
  const last = messages.at(-1);
  if (!last || !isAnswer(last) || last.stopReason !== "stop") return null;
  const { input, output, cacheRead } = last.usage;
  return input + output + cacheRead === 0 ? null : textOf(last);
}
