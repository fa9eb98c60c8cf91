/** What a reader of the stream asks for, over a WebSocket or as server-sent events. */
import type { Engine } from "../engine/engine.ts";
import { systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { resolveTeam } from "./names.ts";
import type { ServeStream } from "./serve.ts";
import { SseSocket } from "./sse-socket.ts";
import type { Streams } from "./stream.ts";
import type { Wanted } from "./wanted.ts";

interface StreamParts {
  engine: Engine;
  streams: Streams;
}

type Given = Partial<Record<"team" | "from" | "topics" | "types", string>>;

/** @throws GodelError TEAM_NOT_FOUND, TEAM_AMBIGUOUS, OPTION_RANGE */
export function wantedOf({ state }: Engine, { team = "-", from, topics, types }: Given): Wanted {
  const { id } = resolveTeam(state, team);
  const named = topics?.split(",");
  const odd = named?.find((topic) => topic !== "status" && topic !== "event");
  if (odd !== undefined) throw new GodelError("OPTION_RANGE", `topics are status and event, got "${odd}".`);
  return {
    team: id,
    from: seqOf(from),
    status: named === undefined || named.includes("status"),
    events: named === undefined || named.includes("event"),
    types: types === undefined ? null : new Set(types.split(",")),
  };
}

/** GET /api/v1/events */
export function addStreamRoute(serveStream: ServeStream, { engine, streams }: StreamParts): void {
  serveStream("followEvents", ({ query }, request, reply) => {
    const last = request.headers["last-event-id"];
    const wanted = wantedOf(engine, { ...query, ...(typeof last === "string" && { from: last }) });
    streams.checkRoom();
    reply.hijack();
    void streams.watch(new SseSocket(reply.raw, systemClock), wanted);
  });
}

function seqOf(text: string | undefined): bigint | null {
  if (text === undefined) return null;
  if (/^\d{1,19}$/.test(text)) return BigInt(text);
  throw new GodelError("OPTION_RANGE", `from must be the number of an event, got "${text}".`);
}
