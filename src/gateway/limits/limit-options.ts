/** Null: not told. */
export interface LimitOptions {
  /** Requests a minute. Default null, learnt; 1 to 1e6. */
  requestsPerMinute: number | null;
  /** Tokens a minute, input and output together. Default null; 1 to 1e10. */
  tokensPerMinute: number | null;
  /** Input alone. Default null; 1 to 1e10. */
  inputTokensPerMinute: number | null;
  /** Output alone. Default null; 1 to 1e10. */
  outputTokensPerMinute: number | null;
  /** Requests under way at once. Default null: lowered by overloads alone; 1 to 65,536. */
  concurrency: number | null;
}

export const untold: LimitOptions = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  inputTokensPerMinute: null,
  outputTokensPerMinute: null,
  concurrency: null,
};
