/** Waits on the stream of a team for one call of a tool. */
import type { Clock, Millis } from "../lib/clock.ts";
import { parseJson } from "../lib/json.ts";
import { teamEnded } from "../model/states.ts";
import type { Frames } from "./frames.ts";
import type { Streams, WatchedSocket } from "./stream.ts";
import type { Wanted } from "./wanted.ts";
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
    let upToDate = false;
    const socket = {
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      send({ texts }: Frames, onSent?: () => void) {
        for (const text of texts) if (seen.events.length < maxEvents) take(parseJson(text) as StreamFrame);
        if (isEnough()) done();
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
        upToDate = seen.events.length > 0;
      }
    }

    function isEnough(): boolean {
      return seen.events.length >= maxEvents || seen.ended || upToDate;
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
