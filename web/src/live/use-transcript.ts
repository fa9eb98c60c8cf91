import { useEffect, useState } from "react";
import type { AttemptTranscript, TranscriptStep } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";

/** Between two looks at an attempt that is under way; each brings only what was added. */
const everyMs = 700;
/** After a look that failed: the engine is away. */
const againMs = 3_000;

export interface Heard {
  steps: TranscriptStep[];
  /** Whether it was read at least once. */
  ready: boolean;
  error: unknown;
}

/** What an attempt's agent said and did; grows as long as it is `live`. */
export function useTranscript(attempt: string, live: boolean): Heard {
  const [heard, setHeard] = useState<Heard>({ steps: [], ready: false, error: null });
  useEffect(() => {
    let over = false;
    let timer = 0;
    let place = { file: "", next: 0 };
    let steps: TranscriptStep[] = [];
    const look = async () => {
      try {
        const path = apiPath`/api/v1/attempts/${attempt}/transcript?file=${place.file}&from=${String(place.next)}`;
        const piece = await get<AttemptTranscript>(path);
        if (over) return;
        const fresh = piece.file !== place.file;
        if (fresh || piece.steps.length > 0) steps = fresh ? piece.steps : [...steps, ...piece.steps];
        place = piece;
        setHeard((before) => (before.ready && before.steps === steps ? before : { steps, ready: true, error: null }));
        if (live) timer = window.setTimeout(look, everyMs);
      } catch (error) {
        if (over) return;
        setHeard((before) => ({ ...before, error }));
        timer = window.setTimeout(look, againMs);
      }
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [attempt, live]);
  return heard;
}
