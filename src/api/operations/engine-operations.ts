/** Operations on the engine itself. */
import { backupRequest, garbageRequest } from "./bodies.ts";
import {
  auditEntry,
  backupAnswer,
  createdToken,
  garbageAnswer,
  health,
  ok,
  providers,
  ticket,
  tokenRequest,
  tokenView,
} from "./engine-shapes.ts";
import { noTeam, type Operation, ofTeam, reads, rules } from "./operation.ts";
import { digits, object, page, paging, someOf, word } from "./schema.ts";
import { Type } from "./type.ts";

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
    errors: [...noTeam, "OPTION_RANGE"],
  },
  listProviders: {
    ...reads,
    summary: "The accounts of providers that the gateway has asked: their limits, breakers and latency",
    answer: providers,
    errors: ["NODE_UNREACHABLE"],
  },
  getHealth: { ...reads, summary: "The engine and its nodes", answer: health, errors: [] },
  listTokens: {
    ...rules,
    summary: "The tokens that were given out, oldest first; never the secrets",
    query: object(paging),
    answer: page(tokenView),
    errors: ["CURSOR_INVALID"],
  },
  createToken: {
    ...rules,
    summary: "Give out a token; this answer alone has it",
    body: tokenRequest,
    answer: createdToken,
    isSecret: true,
    status: 201,
    errors: [],
  },
  revokeToken: {
    ...rules,
    summary: "End a token, and the browsers that came in with it",
    answer: tokenView,
    errors: ["TOKEN_NOT_FOUND"],
  },
  listAudit: {
    ...rules,
    summary: "Who changed what, the newest first",
    query: object({ lines: digits(4, "At most so many, up to 9999. Default 100.") }),
    answer: object({ items: Type.Array(auditEntry) }),
    errors: [],
  },
  makeTicket: {
    ...reads,
    summary: "A path that lets one browser in, once, within a minute, with the role of who asks",
    answer: ticket,
    isSecret: true,
    status: 201,
    errors: [],
  },
  collectGarbage: {
    ...rules,
    summary: "Remove what is left of teams that are over and whose work is merged; `dryRun` only tells",
    body: garbageRequest,
    answer: garbageAnswer,
    errors: ["NODE_UNREACHABLE", "DISK_FULL", "GIT_FAILED"],
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
