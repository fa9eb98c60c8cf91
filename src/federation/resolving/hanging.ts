/** Something that can't start any more, and the one above it that is the cause. */
export interface Hanging<T> {
  one: T;
  because: T;
}

/**
 * All that hangs on `start`, nearest first, each once. `enter` says whether one is to be told, and looked below: false for
 * those that have ended and for those seen before. O(those told and their dependents), without recursion.
 */
export function hangingOn<T>(
  start: T,
  dependentsOf: (one: T) => Iterable<T>,
  enter: (one: T) => boolean,
): Hanging<T>[] {
  const found: Hanging<T>[] = [];
  let because = start;
  for (let next = 0; next <= found.length; next++) {
    for (const one of dependentsOf(because)) if (enter(one)) found.push({ one, because });
    because = found[next]?.one ?? start;
  }
  return found;
}
