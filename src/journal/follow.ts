/** How a journal that is read by pages becomes one that can be watched. */
import type { Batch } from "./journal.ts";

/** Wakes whoever waits for the next append. */
export class Bell {
  #next = Promise.withResolvers<void>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves at the next ring. Taken before a read, it cannot miss what is appended during it. */
  next(): Promise<void> {
    return this.#next.promise;
  }

  ring(): void {
    this.#next.resolve();
    if (!this.#closed) this.#next = Promise.withResolvers<void>();
  }

  /** Rings for good: every follower ends. */
  close(): void {
    this.#closed = true;
    this.ring();
  }
}

/**
 * The batches after `fromSeq` and then each new one, until the reader stops or the bell is closed.
 *
 * Holds nothing but a sequence number: a slow reader reads from the journal what it missed, so no buffer can fill.
 */
export function follow(bell: Bell, read: (fromSeq: bigint) => AsyncIterable<Batch>, fromSeq: bigint) {
  return {
    [Symbol.asyncIterator](): AsyncIterator<Batch> {
      const reader = { stopped: false };
      const batches = untilStopped(reader, bell, read, fromSeq);
      return {
        next: () => batches.next(),
        // A generator answers return() only once a pending next() has been answered: so the wait is ended first.
        return() {
          reader.stopped = true;
          bell.ring();
          return batches.return(undefined);
        },
      };
    },
  };
}

async function* untilStopped(
  reader: { stopped: boolean },
  bell: Bell,
  read: (fromSeq: bigint) => AsyncIterable<Batch>,
  fromSeq: bigint,
): AsyncGenerator<Batch, undefined> {
  let seq = fromSeq;
  while (!reader.stopped && !bell.closed) {
    const rung = bell.next();
    for await (const batch of read(seq)) {
      if (reader.stopped || bell.closed) return;
      seq = batch.seq;
      yield batch;
      if (bell.closed) return;
    }
    await rung;
  }
}
