/**
 * What the demo model answers. It holds no state: each answer follows from the conversation alone.
 *
 *   read the file → (read on, while it is cut) → write it rewritten → `node --check` → summary
 *                                                                   ↘ failed: write the original back → summary
 * Whatever else it meets ends with a sentence that says so.
 */
import type { Fields } from "../../lib/json.ts";
import { type Modernised, modernise } from "./codemod/modernise.ts";
import { readConversation, type Step } from "./conversation.ts";
import { isPlanRequest, planFor } from "./planner.ts";
import { joinReads } from "./reads.ts";

/** `cut`: the request allowed no more. */
export type Answer = { text: string; cut?: true } | { tool: string; args: Fields };

export const modelName = "godel demo (scripted, no AI)";
const sign = `— ${modelName}`;

export function answer(request: Fields): Answer {
  const conversation = readConversation(request);
  const { text } = conversation;
  if (conversation.tools.has("submit_plan")) return { tool: "submit_plan", args: { ...planFor(text) } };
  if (conversation.tools.size === 0) {
    return { text: isPlanRequest(text) ? JSON.stringify(planFor(text)) : cannot("that takes a real model") };
  }
  const { files, tools, steps } = conversation;
  if (files.length === 0) return say("the task names no JavaScript file");
  const missing = ["read", "write", "bash"].find((tool) => !tools.has(tool));
  if (missing) return say(`I was given no \`${missing}\` tool`);
  const said: string[] = [];
  for (const file of files) {
    const step = next(file, stepsFor(file, steps));
    if (!("text" in step)) return step;
    said.push(step.text);
  }
  return { text: said.join("\n") };
}

/** From the first read of `file` up to the first of another. */
function stepsFor(file: string, steps: readonly Step[]): Step[] {
  const start = steps.findIndex(({ tool, args }) => tool === "read" && args.path === file);
  if (start < 0) return [];
  const rest = steps.slice(start);
  const end = rest.findIndex(({ tool, args }) => tool === "read" && args.path !== file);
  return end < 0 ? rest : rest.slice(0, end);
}

function next(file: string, steps: Step[]): Answer {
  const last = steps.at(-1);
  if (last === undefined) return { tool: "read", args: { path: file } };
  switch (last.tool) {
    case "read":
      return afterRead(file, steps);
    case "write":
      return afterWrite(file, steps, last);
    default:
      return afterCheck(file, steps, last);
  }
}

function afterRead(file: string, steps: Step[]): Answer {
  const read = joinReads(steps);
  if (read.state === "cut") return { tool: "read", args: { path: file, offset: read.offset } };
  if (read.state === "refused") return say(`${file} was not changed: ${read.why}`);
  const changed = modernise(read.text);
  if (!changed) return say(`${file} was not changed: what I read is not JavaScript: ${firstLine(read.text)}`);
  if (changed.code === read.text) return { text: nothingToChange(file, changed) };
  return { tool: "write", args: { path: file, content: changed.code } };
}

function afterWrite(file: string, steps: Step[], write: Step): Answer {
  if (!/^Successfully wrote/.test(write.result)) return say(`${file} could not be written: ${firstLine(write.result)}`);
  if (writes(steps) > 1) return say(`${file} is as it was: its check failed after the change`);
  return { tool: "bash", args: { command: `node --check ${quote(file)}` } };
}

function afterCheck(file: string, steps: Step[], check: Step): Answer {
  const read = joinReads(steps);
  if (read.state !== "whole") return say(`${file} was not changed`);
  const failed = /Command (exited with code|timed out|aborted|terminated)/.test(check.result);
  if (failed) return { tool: "write", args: { path: file, content: read.text } };
  const changed = modernise(read.text);
  return changed ? { text: summary(file, changed) } : say(`${file} was not changed`);
}

function writes(steps: Step[]): number {
  return steps.filter((step) => step.tool === "write").length;
}

function summary(file: string, { consts, lets, kept }: Modernised): string {
  const rest = kept === 0 ? "" : `; ${count(kept)} stayed \`var\`, where a change could have shown`;
  return `${file}: ${count(consts)} became \`const\`, ${count(lets)} \`let\`${rest}. \`node --check\` passes. ${sign}`;
}

function nothingToChange(file: string, { kept }: Modernised): string {
  const why = kept === 0 ? "it declares nothing with `var`" : `${count(kept)} must stay \`var\``;
  return `${file}: nothing to change, ${why}. ${sign}`;
}

function count(statements: number): string {
  return `${statements} declaration${statements === 1 ? "" : "s"}`;
}

function say(what: string): Answer {
  return { text: cannot(what) };
}

function cannot(why: string): string {
  return `I follow a script that turns \`var\` into \`const\` or \`let\` in the JavaScript files that a task names, and nothing else: ${why}. ${sign}`;
}

function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").slice(0, 200);
}

function quote(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
