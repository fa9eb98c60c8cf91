import type { IncomingHttpHeaders } from "node:http";
import { cleanText } from "./secrets.ts";

/** Of one connection (RFC 9110, 7.6.1), or set anew by whoever sends. */
const ofConnection = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "content-length",
  "expect",
];

/** An agent's own credentials, which are dummies, and what would keep the meter from reading. */
const ofAgent = new Set([
  ...ofConnection,
  "authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "cf-aig-authorization",
  "cookie",
  "accept-encoding",
]);
const ofProvider = new Set([...ofConnection, "set-cookie"]);

export type Headers = Record<string, string | string[]>;

/** What goes upstream: the agent's headers without its credentials, then the provider's on top. */
export function upstreamHeaders(agent: IncomingHttpHeaders, provider: Record<string, string>, bytes: number): Headers {
  return {
    ...without(agent, ofAgent),
    "accept-encoding": "identity", // a compressed stream could not be metered in passing
    ...provider,
    "content-length": String(bytes),
  };
}

/** What goes back to the agent, with none of `secrets`; `content-length` is kept, since the bytes are. */
export function agentHeaders(provider: IncomingHttpHeaders, secrets: readonly string[]): Headers {
  const headers = without(provider, ofProvider);
  for (const [name, value] of Object.entries(headers)) {
    headers[name] = Array.isArray(value) ? value.map((each) => cleanText(each, secrets)) : cleanText(value, secrets);
  }
  const length = provider["content-length"];
  return length === undefined ? headers : { ...headers, "content-length": length };
}

function without(headers: IncomingHttpHeaders, dropped: ReadonlySet<string>): Headers {
  const kept: Headers = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !dropped.has(name)) kept[name] = value;
  return kept;
}
