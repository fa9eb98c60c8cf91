/** Operations on the engine itself. */
import { backupRequest } from "./bodies.ts";
import { backupAnswer, health, ok, ticket } from "./engine-shapes.ts";
import { noTeam, type Operation, ofTeam, reads, rules } from "./operation.ts";
import { digits, object, someOf, word } from "./schema.ts";

export const engineOperations = {
  followEvents: {
    ...reads,
    summary:
      "The status and the events of a team as they come, as server-sent events; the twin of the WebSocket /api/v1/stream",
    query: object({
      team: ofTeam,
      from: digits(
        19,
        "The number of the last event that you have; `Last-Event-ID` comes before it. Default: from now on.",
      ),
      topics: someOf(["status", "event"], "Which frames to send. Default both."),
      types: word("Only events of these types, with commas between them. Default all."),
    }),
    answer: object({}),
    contentType: "text/event-stream",
    errors: [...noTeam, "OPTION_RANGE", "OVERLOADED"],
  },
  getHealth: { ...reads, summary: "The engine and its nodes", answer: health, errors: [] },
  makeTicket: {
    ...reads,
    summary: "A path that lets one browser in, once, within a minute, with the role of who asks",
    answer: ticket,
    status: 201,
    errors: [],
  },
  backUp: {
    ...rules,
    summary: "Copy all that the engine knows to a file of its machine",
    body: backupRequest,
    answer: backupAnswer,
    errors: ["BACKUP_EXISTS", "BACKUP_UNWRITABLE", "DISK_FULL"],
  },
  shutDown: {
    ...rules,
    summary: "Stop the engine, its node and all agents; teams go on at the next start",
    answer: ok,
    errors: [],
  },
} as const satisfies Record<string, Operation>;
