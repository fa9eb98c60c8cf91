/** What the HTTP API says of who may ask, and who did. */

/** GET /api/v1/tokens */
export interface TokenView {
  id: string;
  name: string;
  role: "viewer" | "operator" | "admin";
  state: "live" | "expired" | "revoked";
  createdAt: string;
  expiresAt: string | null;
}

/** POST /api/v1/tokens */
export interface TokenRequest {
  role: "viewer" | "operator" | "admin";
  /** What it is for. */
  name?: string;
  /** Days until it is good no more. Default: none. */
  expiresDays?: number;
}

/** The only answer that has the token itself: only its hash is kept. */
export type CreatedToken = TokenView & { token: string };

/** GET /api/v1/audit: a request that changed something or was refused to, the newest first. */
export interface AuditEntry {
  at: string;
  /** The id of a token, `engine`, `browser of ID`, or `unknown` of one that was not let in. */
  who: string;
  role: string;
  /** The address that it came from. */
  from: string;
  operation: string;
  /** Names in its path, by what they name. */
  params: Record<string, string>;
  /** What was sent with it, as JSON, cut after 500 characters. */
  body: string;
  status: number;
}
