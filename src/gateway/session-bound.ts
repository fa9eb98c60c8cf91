/**
 * A request that continues one that was billed is bounded by that bill and by the bytes that are new.
 *
 * An agent sends its whole conversation each time, with something added near its end. What both requests begin and end
 * with has been counted by the provider itself; what lies between is bounded by its bytes. Cutting a text in two, or
 * leaving some of it out, can only change how the words at the cut are split: `slackTokens` is far beyond any word.
 */

/** The newest request of a session of which the provider has said what it took. */
export interface Billed {
  bytes: Buffer;
  /** As the provider counted them: cached or not. */
  inputTokens: number;
  /** What its pictures counted beyond their bytes, at most. */
  pictures: number;
}

const slackTokens = 512;

/** A bill below this many tokens a byte is not believed: some servers leave out what they had cached. */
const leastTokensPerByte = 1 / 24;

/** Longest request that is kept to compare the next with, in bytes: each session keeps one. */
const maxKeptBytes = 2 ** 20;

export function billedBy(bytes: Buffer, inputTokens: number, pictures: number): Billed | undefined {
  return bytes.length > maxKeptBytes ? undefined : { bytes, inputTokens, pictures };
}

/** Tokens of input at most; infinity where the session says nothing of it. O(bytes). */
export function boundBySession(bytes: Buffer, pictures: number, billed: Billed | undefined): number {
  if (!billed || billed.inputTokens < billed.bytes.length * leastTokensPerByte) return Number.POSITIVE_INFINITY;
  const most = Math.min(bytes.length, billed.bytes.length);
  const head = commonHead(bytes, billed.bytes, most);
  const tail = commonTail(bytes, billed.bytes, most - head);
  const fresh = bytes.length - head - tail;
  return billed.inputTokens + fresh + Math.max(0, pictures - billed.pictures) + slackTokens;
}

/** By halves: comparing is a `memcmp`. */
function commonHead(a: Buffer, b: Buffer, most: number): number {
  return longest(most, (from, to) => a.compare(b, from, to, from, to) === 0);
}

function commonTail(a: Buffer, b: Buffer, most: number): number {
  return longest(
    most,
    (from, to) => a.compare(b, b.length - to, b.length - from, a.length - to, a.length - from) === 0,
  );
}

/** The largest n up to `most` such that all of [0, n) is the same, where `same` tells of a part. */
function longest(most: number, same: (from: number, to: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (same(low, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
