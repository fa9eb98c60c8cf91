import { GodelError } from "./errors.ts";
import { didYouMean } from "./nearest.ts";

/**
 * `given` over `defaults`, checked once at the edge so that inside everything is present.
 * @throws GodelError OPTION_UNKNOWN for a key that `defaults` does not have, naming the nearest.
 */
export function resolveOptions<T extends object>(defaults: T, given: Partial<T> = {}): T {
  for (const key of Object.keys(given)) {
    if (!(key in defaults)) {
      throw new GodelError("OPTION_UNKNOWN", `unknown option "${key}".${didYouMean(key, Object.keys(defaults))}`);
    }
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaults, ...set };
}

/** `value` if it lies in [low, high]. @throws GodelError OPTION_RANGE, naming the option and its range. */
export function inRange(name: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw new GodelError("OPTION_RANGE", `${name} must be from ${low} to ${high}, got ${value}`);
}
