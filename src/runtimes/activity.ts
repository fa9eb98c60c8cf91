import type { Clock, Millis } from "../lib/clock.ts";
import { thinned } from "./thinned.ts";

/** The least time between two activities of one agent: what people can follow, and what the link can carry for 1,000s. */
export const activityGapMs: Millis = 250;

/** The longest activity, in characters. */
const maxChars = 160;

export interface ActivityLine {
  /** `text` may be a function, called only if the line is passed on. */
  say(text: string | (() => string)): void;
  /** Says what still waits, and starts no timer any more. */
  end(): void;
}

/** Passes the newest text on, at most once per `activityGapMs`; what comes sooner waits and is overwritten. */
export function activityLine(clock: Clock, emit: (text: string) => void): ActivityLine {
  let last: string | undefined;
  const line = thinned(clock, activityGapMs, (text: string) => {
    const told = oneLine(text);
    if (told === "" || told === last) return false;
    last = told;
    emit(told);
    return true;
  });
  return { say: (text) => line.say(typeof text === "function" ? text : () => text), end: line.end };
}

/** The last line of `text` that says something, without control characters, cut to `maxChars` at its end. */
export function oneLine(text: string): string {
  const lines = text.split("\n");
  for (let i = lines.length - 1; i >= 0; i--) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours and the like are what is removed.
    const line = (lines[i] ?? "").replace(/\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x1f\x7f]/g, " ").trim();
    if (line !== "") return line.length > maxChars ? `${line.slice(0, maxChars - 1)}…` : line;
  }
  return "";
}
