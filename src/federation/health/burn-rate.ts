/**
 * Whether an agent suddenly uses more tokens or money than it used to, and whether it passes a hard cap.
 *
 * The rate of each bin of 10 s, in multiples of the agent's own exponentially weighted average, runs through a
 * Page-Hinkley test. The cap is judged on the last full minute, so that one large prompt is not taken for a rate.
 * Source: Page, Biometrika 1954; Hinkley, Biometrika 1971; as a drift detector in Gama et al., "A Survey on Concept
 * Drift Adaptation", ACM Computing Surveys 2014.
 */
import type { Millis } from "../../lib/clock.ts";
import type { Evidence } from "./evidence.ts";

export interface Burn {
  binAt: Millis;
  /** Amount in the open bin. */
  open: number;
  /** Amounts of the last six bins. */
  bins: number[];
  /** Average amount of a bin. */
  mean: number;
  samples: number;
  /** Page-Hinkley: the running sum, and its least value so far. */
  sum: number;
  least: number;
  /** Over the cap: reported, and not again before it is under it. */
  over: boolean;
}

export interface BurnLimits {
  kind: "token-burn" | "cost-burn";
  threshold: number;
  /** Amount in a minute; Infinity for none. */
  capPerMinute: number;
}

const binMs = 10_000;
const binsPerMinute = 6;
const weight = 0.1;
const learnBins = 6;
/** Growth, in multiples of the average, that is no change. */
const tolerance = 0.5;

export function newBurn(at: Millis): Burn {
  return { binAt: at, open: 0, bins: [], mean: 0, samples: 0, sum: 0, least: 0, over: false };
}

/** Books an amount in place. `over` when the cap is passed; evidence when the rate changed. */
export function lookAtBurn(
  burn: Burn,
  { at, amount }: { at: Millis; amount: number },
  limits: BurnLimits,
): { evidence: Evidence; over: boolean } | null {
  const changed = closeBins(burn, at, limits.threshold);
  burn.open += amount;
  const lastMinute = burn.bins.reduce((sum, bin) => sum + bin, burn.open);
  const wasOver = burn.over;
  burn.over = lastMinute > limits.capPerMinute;
  if (burn.over) {
    if (wasOver) return null;
    const detail = `${lastMinute.toPrecision(3)} in a minute is over the cap of ${limits.capPerMinute.toPrecision(3)}`;
    return { over: true, evidence: { signal: limits.kind, detail, figures: { lastMinute, cap: limits.capPerMinute } } };
  }
  if (changed === null) return null;
  const detail = `uses ${changed.toFixed(1)} times what it used to`;
  return { over: false, evidence: { signal: limits.kind, detail, figures: { times: changed, meanPerBin: burn.mean } } };
}

/** Tests the bins that are over. The last one's multiple of the average if the test fires. Empty bins are no news: it waits. */
function closeBins(burn: Burn, at: Millis, threshold: number): number | null {
  const over = Math.floor((at - burn.binAt) / binMs);
  if (over <= 0) return null;
  burn.binAt += over * binMs;
  const full = burn.open;
  burn.open = 0;
  const gap = Array.from({ length: Math.min(over - 1, binsPerMinute) }, () => 0);
  burn.bins = [...burn.bins, full, ...gap].slice(1 - binsPerMinute);
  return full > 0 ? test(burn, full, threshold) : null;
}

function test(burn: Burn, full: number, threshold: number): number | null {
  burn.samples++;
  if (burn.samples <= learnBins) {
    burn.mean += (full - burn.mean) / burn.samples;
    return null;
  }
  const times = full / burn.mean;
  burn.sum += times - 1 - tolerance;
  burn.least = Math.min(burn.least, burn.sum);
  burn.mean += weight * (full - burn.mean);
  if (burn.sum - burn.least <= threshold) return null;
  burn.sum = 0;
  burn.least = 0;
  return times;
}
