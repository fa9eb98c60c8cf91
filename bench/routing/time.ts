import { median } from "../harness.ts";

/** Median time of one `operation` in ns, over batches that each last about `batchMs`. */
export function medianNs(operation: () => void, { quick }: { quick: boolean }): number {
  const batchMs = quick ? 1 : 4;
  const size = calibrate(operation, batchMs);
  const times: number[] = [];
  for (let batch = 0; batch < (quick ? 11 : 51); batch++) times.push((time(operation, size) * 1e6) / size);
  return median(times);
}

/** The same of an operation that is waited for. */
export async function medianAsyncNs(operation: () => Promise<unknown>, { quick }: { quick: boolean }): Promise<number> {
  const times: number[] = [];
  for (let batch = 0; batch < (quick ? 12 : 52); batch++) {
    const start = performance.now();
    for (let i = 0; i < asyncBatch; i++) await operation();
    times.push(((performance.now() - start) * 1e6) / asyncBatch);
  }
  return median(times.slice(1));
}

const asyncBatch = 2_000;

/** How many runs last `batchMs`. It also warms up. */
function calibrate(operation: () => void, batchMs: number): number {
  for (let size = 1; ; size *= 2) {
    const took = time(operation, size);
    if (took >= batchMs) return Math.max(1, Math.round((size * batchMs) / took));
  }
}

function time(operation: () => void, times: number): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) operation();
  return performance.now() - start;
}
