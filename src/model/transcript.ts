/** What an agent said and did, as its runtime kept it, in steps that people read. */
import type { Usage } from "./usage.ts";

export interface TranscriptStep {
  /** ISO 8601; null where the runtime keeps no times. */
  at: string | null;
  /** `output` is a line of a runtime that keeps plain text. */
  kind: "prompt" | "said" | "thought" | "call" | "result" | "output";
  /** Of a call or a result; else "". */
  tool: string;
  /** At most `maxStepChars`; the whole stays in the file. For a call, its arguments as JSON. */
  text: string;
  /** Whether a result is an error. */
  failed: boolean;
  /** What the request cost that this step is the last of; else null. */
  usage: Omit<Usage, "requests"> | null;
}

export const maxStepChars = 8_000;

/** A part of what an agent is at and what its transcript has not yet. Told to those who watch, kept nowhere. */
export type Saying = Pick<TranscriptStep, "kind" | "tool"> & {
  /** The end of it, at most `maxSayingChars`. */
  text: string;
};

export const maxSayingChars = 4_000;

/** A piece of one attempt's transcript. */
export interface TranscriptPiece {
  /** Names the file: an attempt that goes on in another one begins anew. "" while there is none. */
  file: string;
  /** Where this piece begins and where to go on from, in bytes. */
  from: number;
  next: number;
  steps: TranscriptStep[];
  /** To those who ask with `heard`: what is being said, and is not among the steps yet. Else empty. */
  saying: Saying[];
  /** To ask with next, for an answer that comes when there is more. 0 where nobody speaks, or steps came meanwhile. */
  heard: number;
}
