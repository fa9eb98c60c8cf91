/** Tokens and money of model requests. Cumulative wherever it is reported, so that a repeat changes nothing. */
export interface Usage {
  requests: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  /** USD, at the model's published prices. */
  costUsd: number;
}

export const noUsage: Readonly<Usage> = { requests: 0, input: 0, output: 0, cacheRead: 0, cacheWrite: 0, costUsd: 0 };

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    requests: a.requests + b.requests,
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    costUsd: a.costUsd + b.costUsd,
  };
}

/** All tokens that were sent or received. */
export function tokenCount({ input, output, cacheRead, cacheWrite }: Omit<Usage, "requests" | "costUsd">): number {
  return input + output + cacheRead + cacheWrite;
}

/** What `after` has beyond `before`, both cumulative counts of one thing. */
export function usageSince(after: Usage, before: Usage): Usage {
  return {
    requests: after.requests - before.requests,
    input: after.input - before.input,
    output: after.output - before.output,
    cacheRead: after.cacheRead - before.cacheRead,
    cacheWrite: after.cacheWrite - before.cacheWrite,
    costUsd: after.costUsd - before.costUsd,
  };
}
