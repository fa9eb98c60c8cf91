/**
 * Whether an agent is slower or faster than its peers of the same model.
 *
 * Compared is the log of seconds per token, since it is multiples that matter, by the modified z score:
 * 0.6745 (x - median) / MAD, which half of the samples cannot bend.
 * Source: Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993 (threshold 3.5).
 */
import type { Evidence } from "./evidence.ts";
import type { HealthOptions } from "./options.ts";

/** The last samples of a model, of all its agents; a ring of `ringSize`, the oldest overwritten. */
export interface PeerSpeeds {
  logs: number[];
  next: number;
  /** Median and MAD as of the sample counted in `freshFor`. */
  median: number;
  mad: number;
  freshFor: number;
  seen: number;
}

/** One agent's own: the average of its logs over about four samples, so that one hard answer proves nothing. */
export interface OwnSpeed {
  log: number;
  samples: number;
  /** It was reported, and is not again before it is well within the bounds. */
  reported: boolean;
}

const ringSize = 256;
const ownWeight = 0.25;
const ownMinSamples = 4;
/** Sorting 256 numbers for each answer would be the dearest thing here. */
const refreshEvery = 16;
/** Peers that are all alike still differ by 5%. */
const leastMad = 0.05;

export function newPeerSpeeds(): PeerSpeeds {
  return { logs: [], next: 0, median: 0, mad: leastMad, freshFor: 0, seen: 0 };
}

/** Books a sample in place. What it shows, if anything. Samples without tokens or time say nothing. */
export function lookAtSpeed(
  own: OwnSpeed,
  peers: PeerSpeeds,
  sample: { seconds: number; tokens: number },
  { speedZ, speedMinSamples }: HealthOptions,
): Evidence | null {
  if (sample.seconds <= 0 || sample.tokens <= 0) return null;
  const log = Math.log(sample.seconds / sample.tokens);
  own.log = own.samples === 0 ? log : own.log + ownWeight * (log - own.log);
  own.samples++;
  remember(peers, log);
  if (peers.seen < speedMinSamples || own.samples < ownMinSamples) return null;
  refresh(peers, speedMinSamples);
  const z = (0.6745 * (own.log - peers.median)) / peers.mad;
  if (Math.abs(z) < speedZ / 2) own.reported = false;
  if (Math.abs(z) <= speedZ || own.reported) return null;
  own.reported = true;
  const times = Math.exp(Math.abs(own.log - peers.median));
  const detail = `${times.toFixed(1)} times ${z > 0 ? "slower" : "faster"} than its peers of the same model`;
  return { signal: "speed", detail, figures: { z, times, peerSamples: peers.logs.length } };
}

function remember(peers: PeerSpeeds, log: number): void {
  peers.logs[peers.next] = log;
  peers.next = (peers.next + 1) % ringSize;
  peers.seen++;
}

function refresh(peers: PeerSpeeds, minSamples: number): void {
  if (peers.freshFor >= minSamples && peers.seen - peers.freshFor < refreshEvery) return;
  peers.median = medianOf(peers.logs);
  peers.mad = Math.max(leastMad, medianOf(peers.logs.map((log) => Math.abs(log - peers.median))));
  peers.freshFor = peers.seen;
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
