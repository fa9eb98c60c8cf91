import { type Fields, isFields, parseJson } from "../../lib/json.ts";
import { filesNamedIn } from "./files.ts";

/** A tool that the agent ran for the model, and what it said. */
export interface Step {
  tool: string;
  args: Fields;
  result: string;
}

/** A chat completions request, read as far as the demo model understands it. */
export interface Conversation {
  /** The files that the last prompt naming any asks about, in its order. */
  files: string[];
  /** What was done for them so far. */
  steps: Step[];
  tools: Set<string>;
  /** All that was said, for planning. */
  text: string;
}

export function readConversation(request: Fields): Conversation {
  const messages = fieldsIn(request.messages);
  const start = messages.findLastIndex((each) => each.role === "user" && filesNamedIn(textOf(each)).length > 0);
  return {
    files: start < 0 ? [] : filesNamedIn(textOf(messages[start] ?? {})),
    steps: stepsIn(messages.slice(start + 1)),
    tools: new Set(fieldsIn(request.tools).map((tool) => String(isFields(tool.function) ? tool.function.name : ""))),
    text: messages.map(textOf).join("\n"),
  };
}

/** How a result begins that an agent got because its process died; the step is taken again. */
const interrupted = /^Interrupted: /;

function stepsIn(messages: Fields[]): Step[] {
  const results = new Map(messages.filter((each) => each.role === "tool").map((each) => [each.tool_call_id, each]));
  return messages.flatMap((message) =>
    fieldsIn(message.tool_calls).flatMap((call) => {
      const made = isFields(call.function) ? call.function : {};
      const args = parseJson(String(made.arguments));
      const result = textOf(results.get(call.id) ?? {});
      if (interrupted.test(result)) return [];
      return [{ tool: String(made.name), args: isFields(args) ? args : {}, result }];
    }),
  );
}

/** Content is text, or a list of parts of which some are text. */
export function textOf(message: Fields): string {
  if (typeof message.content === "string") return message.content;
  return fieldsIn(message.content)
    .map((part) => (typeof part.text === "string" ? part.text : ""))
    .join("\n");
}

export function fieldsIn(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
