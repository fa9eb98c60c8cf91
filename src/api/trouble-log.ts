/** Work that went wrong, a line each in the engine's log, under the trace that it belongs to. */
import type { Log } from "../lib/log.ts";
import type { Event } from "../model/events.ts";

const bad: ReadonlySet<string> = new Set(["failed", "rejected", "lost"]);

export function logTrouble(events: readonly Event[], log: Log): void {
  for (const event of events) {
    if (event.type === "attemptEnded" && event.failure && bad.has(event.state)) {
      log(`attempt ${event.attempt} is ${event.state}: ${event.failure.reason}`, { attempt: event.attempt });
    }
    if (event.type === "taskFailed") log(`task ${event.task} failed: ${event.failure.reason}`, { task: event.task });
  }
}
