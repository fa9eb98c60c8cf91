/**
 * Whether an agent goes round in a circle: it does the same again *and* it turns out the same.
 *
 * The rules are those of OpenHands' stuck detector: 4 equal actions with equal outcomes, 3 equal actions that fail,
 * 3 equal messages, and two alternating over 6. Outcomes are compared as well, since a batch of equal edits or a poll
 * that sees something new is no loop. Hashes are kept, not texts: an outcome may be a megabyte.
 */
import type { Evidence } from "./evidence.ts";

export interface ToolCall {
  /** The tool and its arguments, in a form that is equal for equal calls. */
  action: string;
  /** What it answered. */
  outcome: string;
  failed: boolean;
}

export interface History {
  /** The last six calls, the newest last. */
  steps: { action: number; outcome: number; failed: boolean }[];
  /** The last three messages since a tool was called. */
  messages: number[];
}

const kept = 6;
const sameSteps = 4;
const sameFailures = 3;
const sameMessages = 3;

export function newHistory(): History {
  return { steps: [], messages: [] };
}

/** Books a call in place. The loop that it closes, if any; the history then starts anew, so that each is said once. */
export function lookAtCall(history: History, { action, outcome, failed }: ToolCall): Evidence | null {
  history.messages = [];
  history.steps = [...history.steps, { action: hash(action), outcome: hash(outcome), failed }].slice(-kept);
  const found = repeated(history.steps);
  if (found) history.steps = [];
  return found && { signal: "loop", ...found };
}

/** The same for a message of the agent. */
export function lookAtMessage(history: History, text: string): Evidence | null {
  history.messages = [...history.messages, hash(text)].slice(-sameMessages);
  if (history.messages.length < sameMessages || new Set(history.messages).size > 1) return null;
  history.messages = [];
  return { signal: "loop", detail: `said the same ${sameMessages} times`, figures: { times: sameMessages } };
}

function repeated(steps: History["steps"]): Omit<Evidence, "signal"> | null {
  const last = steps.at(-1);
  if (!last) return null;
  const same = (step: History["steps"][number]) => step.action === last.action && step.outcome === last.outcome;
  const failing = (step: History["steps"][number]) => step.action === last.action && step.failed;
  if (ends(steps, sameSteps, same)) {
    return { detail: `did the same ${sameSteps} times with the same outcome`, figures: { times: sameSteps } };
  }
  if (ends(steps, sameFailures, failing)) {
    return { detail: `did the same ${sameFailures} times, and it failed each time`, figures: { times: sameFailures } };
  }
  if (!alternates(steps)) return null;
  return { detail: `alternates between two steps, ${kept} in a row`, figures: { times: kept } };
}

function ends(steps: History["steps"], count: number, like: (step: History["steps"][number]) => boolean): boolean {
  return steps.length >= count && steps.slice(-count).every(like);
}

function alternates(steps: History["steps"]): boolean {
  if (steps.length < kept) return false;
  const key = ({ action, outcome }: History["steps"][number]) => `${action}/${outcome}`;
  const keys = steps.map(key);
  return keys[0] !== keys[1] && keys.every((each, i) => each === keys[i % 2]);
}

/** FNV-1a over UTF-16 units, 32 bits: two texts are taken for equal wrongly once in 4 billion. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return sum >>> 0;
}
