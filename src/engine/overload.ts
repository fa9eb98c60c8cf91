import { GodelError } from "../lib/errors.ts";
import { type Command, isFromPeople } from "../model/commands.ts";
import type { Event } from "../model/events.ts";

/** A command that waits for its turn, and who is told what it caused. */
export interface Waiting {
  command: Command;
  resolve(events: Event[]): void;
  reject(error: unknown): void;
}

/** Commands that may wait before those of people are refused. What nodes report is bounded by their outboxes. */
const maxWaiting = 10_000;

/** Why `command` may not wait behind `waiting` others, if it may not. */
export function overload(waiting: number, command: Command): GodelError | undefined {
  if (waiting < maxWaiting || !isFromPeople(command)) return undefined;
  return new GodelError("OVERLOADED", `${maxWaiting} commands wait for the engine.`);
}
