/** Where a trait is worth nothing and all. Fixed, and not the least and most of those compared, which would reverse ranks as they come and go. */

export interface Scale {
  /** Worth 0. */
  worst: number;
  /** Worth 1. */
  best: number;
}

/** $10 a task is worth 0 and one cent or less 1. */
export const costScale: Scale = { worst: 10, best: 0.01 };
/** A quarter of the usual speed is worth 0 and four times 1. */
export const speedScale: Scale = { worst: 0.25, best: 4 };
/** An hour a task is worth 0 and a minute or less 1, in ms. */
export const timeScale: Scale = { worst: 3_600_000, best: 60_000 };

/** What `value` is worth on a logarithmic scale, from 0 to 1; middling where it is not known, so that the unknown is tried. */
export function logScale(value: number | undefined, { worst, best }: Scale): number {
  if (value === undefined) return 0.5;
  return clamp(Math.log(Math.max(value, Number.MIN_VALUE) / worst) / Math.log(best / worst));
}

/** Into 0 to 1. */
export function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
