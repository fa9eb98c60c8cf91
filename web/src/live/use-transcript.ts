import { useEffect, useState } from "react";
import type { AttemptTranscript, Saying, TranscriptStep } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";

/** The least time between two looks at an agent that speaks, in ms: the answer waits for more by itself. */
const speakingMs = 100;
/** The same while none speaks: before it begins, and while gates run. */
const silentMs = 700;
/** After a look that failed: the engine is away. */
const againMs = 3_000;

export interface Heard {
  steps: TranscriptStep[];
  /** What is being said, and is not among the steps yet. */
  saying: Saying[];
  /** Whether it was read at least once. */
  ready: boolean;
  error: unknown;
}

const nothing: Heard = { steps: [], saying: [], ready: false, error: null };

/** What an attempt's agent said and did; grows as long as it is `live`, word by word. */
export function useTranscript(attempt: string, live: boolean): Heard {
  const [heard, setHeard] = useState(nothing);
  useEffect(() => {
    let over = false;
    let timer = 0;
    let place = { file: "", next: 0, heard: 0 };
    let steps: TranscriptStep[] = [];
    const look = async () => {
      try {
        const piece = await get<AttemptTranscript>(pathOf(attempt, place, live));
        if (over) return;
        const fresh = piece.file !== place.file;
        if (fresh || piece.steps.length > 0) steps = fresh ? piece.steps : [...steps, ...piece.steps];
        const news = piece.heard !== place.heard;
        place = piece;
        setHeard((before) => (before.ready && before.steps === steps && !news ? before : shown(steps, piece)));
        if (live) timer = window.setTimeout(look, piece.heard > 0 || piece.steps.length > 0 ? speakingMs : silentMs);
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

function pathOf(attempt: string, { file, next, heard }: { file: string; next: number; heard: number }, live: boolean) {
  const path = apiPath`/api/v1/attempts/${attempt}/transcript?file=${file}&from=${String(next)}`;
  return live ? `${path}&heard=${heard}` : path;
}

function shown(steps: TranscriptStep[], { saying }: AttemptTranscript): Heard {
  return { steps, saying, ready: true, error: null };
}
