export interface LinkOptions {
  /** Gap between a node's heartbeats, in ms. Default 1000. */
  heartbeatMs: number;
  /** Silence, in ms, before a node is suspect. Default 3000; at least two heartbeats. */
  suspectAfterMs: number;
  /** How long a question to a node may take, in ms. Default 10 minutes: planning asks a model. */
  askTimeoutMs: number;
}

export const linkDefaults: LinkOptions = { heartbeatMs: 1_000, suspectAfterMs: 3_000, askTimeoutMs: 10 * 60_000 };
