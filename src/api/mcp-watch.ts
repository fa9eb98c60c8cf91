/** Waits on the stream of a team for one call of a tool. */
import type { Clock, Millis } from "../lib/clock.ts";
import { parseJson } from "../lib/json.ts";
import { teamEnded } from "../model/states.ts";
import type { Wanted } from "./reader.ts";
import type { Streams, WatchedSocket } from "./stream.ts";
import type { StreamFrame, TeamStatus } from "./wire.ts";

export interface Seen {
  /** Where the next call goes on from. */
  seq: string;
  ended: boolean;
  status: TeamStatus | null;
  events: object[];
}

/** Events of one answer; what comes after them is for the next. */
const maxEvents = 200;

/** Resolves with the first status after an event, when the team has ended, or after `forMs`. */
export function seenOf(
  streams: Streams,
  wanted: Wanted,
  { forMs, clock }: { forMs: Millis; clock: Clock },
): Promise<Seen> {
  const seen: Seen = { seq: String(wanted.from ?? 0n), ended: false, status: null, events: [] };
  return new Promise((resolve) => {
    const closers: (() => void)[] = [];
    const cancel = clock.after(forMs, () => done());
    const socket = {
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      send(text: string, onSent?: () => void) {
        if (socket.readyState === socket.OPEN) take(parseJson(text) as StreamFrame);
        onSent?.();
      },
      close: () => done(),
      terminate: () => done(),
      on: (event: "close" | "error", listener: () => void) => event === "close" && closers.push(listener),
    } satisfies WatchedSocket;
    void streams.watch(socket, wanted);

    function take(frame: StreamFrame): void {
      seen.seq = frame.seq;
      if (frame.type === "event") seen.events.push(frame.event);
      if (frame.type === "status") {
        seen.status = frame.status;
        seen.ended = teamEnded(frame.status.team.state);
      }
      if (seen.events.length >= maxEvents || seen.ended || (seen.status && seen.events.length > 0)) done();
    }

    function done(): void {
      if (socket.readyState !== socket.OPEN) return;
      socket.readyState = 3;
      cancel();
      for (const close of closers) close();
      resolve(seen);
    }
  });
}
