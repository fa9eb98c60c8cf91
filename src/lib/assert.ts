/** A broken promise of our own. Never caught to go on: the process stops and replay brings it back. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Stops the world when `condition` is false. For our bugs; a caller's mistake is a `GodelError`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** `value`, once shown to be there. */
export function present<T>(value: T | undefined | null, what: string): T {
  assert(value !== undefined && value !== null, `${what} is missing`);
  return value;
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new AssertionError(`unexpected ${JSON.stringify(value)}`);
}
