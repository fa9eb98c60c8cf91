/** A promise of the design that did not hold. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
  /** Which one, in a few words; the message says what was seen. */
  readonly promise: string;

  constructor(promise: string, seen: string) {
    super(seen);
    this.promise = promise;
  }
}

export function promised(condition: boolean, promise: string, seen: () => string): void {
  if (!condition) throw new BrokenPromise(promise, seen());
}
