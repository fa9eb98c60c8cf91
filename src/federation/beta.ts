import type { Random } from "../lib/random.ts";

/** A draw from Beta(a, b), for a and b of at least 1, by two gamma draws. */
export function beta(random: Random, a: number, b: number): number {
  const x = gamma(random, a);
  return x / (x + gamma(random, b));
}

/** Source: Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 2000; for shapes of at least 1. */
function gamma(random: Random, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.next();
    if (Math.log(u) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Box and Muller, 1958. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** About one in ten lies below: the mean less this many standard deviations. */
const tenth = 1.2816;

/**
 * About the 10th percentile of Beta(a, b), for a and b of at least 1, by the normal approximation: cheap enough for each
 * decision, and in the right order, which is all that ranking asks.
 */
export function lowerBound(a: number, b: number): number {
  const sum = a + b;
  return Math.max(0, a / sum - (tenth * Math.sqrt((a * b) / (sum + 1))) / sum);
}
