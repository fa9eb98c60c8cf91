import { useEffect, useState } from "react";
import type { StreamFrame } from "../../../src/api/wire.ts";
import { apiPath } from "../api.ts";
import { type Happened, maxNews } from "./team-state.ts";

/** Of a team at work so many events of the engine are looked through, back from now. */
const lookBack = 5_000n;

/**
 * The last events of a team before now, the newest first; null while they are read. Of one that is over all that the journal
 * still has are looked through, as nobody knows where in it they are. `seq`: the newest event that is known.
 */
export function usePast(team: string, seq: string | null, isOver: boolean): Happened[] | null {
  const [past, setPast] = useState<Happened[] | null>(null);
  useEffect(() => {
    const from = isOver || seq === null || BigInt(seq) < lookBack ? 0n : BigInt(seq) - lookBack;
    const path = apiPath`/api/v1/stream?team=${team}&from=${String(from)}`;
    const socket = new WebSocket(new URL(path, location.href.replace(/^http/, "ws")));
    const found: Happened[] = [];
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(String(data)) as StreamFrame;
      // The first status comes behind the history.
      if (frame.type === "status") return socket.close();
      if (frame.type === "event") found.push(frame);
      if (found.length > maxNews) found.shift();
    };
    socket.onclose = () => setPast(found.toReversed());
    return () => {
      socket.onclose = null;
      socket.close();
    };
    // Once: what comes later the live team hears.
  }, [team]);
  return past;
}
