/** The three wire formats that pass through, and how each is addressed. Their SDKs differ in what they append. */

export type ModelApi = "openai-completions" | "openai-responses" | "anthropic-messages";

interface ApiShape {
  /** What goes behind a provider's base URL. The meter reads only these; no other path reaches a provider's account. */
  path: string;
  /** What the base URL of an agent ends in, so that its SDK appends the rest. */
  agentSuffix: string;
  /** What the path of a request for this API ends in. */
  endpoint: string;
}

export const apis: Record<ModelApi, ApiShape> = {
  "openai-completions": { path: "/chat/completions", agentSuffix: "/v1", endpoint: "chat/completions" },
  "openai-responses": { path: "/responses", agentSuffix: "/v1", endpoint: "responses" },
  // Anthropic's SDK appends /v1 itself.
  "anthropic-messages": { path: "/v1/messages", agentSuffix: "", endpoint: "messages" },
};

export function isModelApi(api: string): api is ModelApi {
  return Object.hasOwn(apis, api);
}

/** Where a request came in: `/TOKEN/HOST/v1/chat/completions?query`. */
export interface Address {
  token: string;
  /** All between token and query. */
  path: string;
  query: string;
}

/**
 * Base URL for an agent. The provider's host stands in the path because pi tells from a base URL what a server
 * understands (`compat`); so it behaves as it would without the gateway. The host decides nothing here.
 */
export function agentUrl(port: number, token: string, host: string, api: ModelApi): string {
  return `http://127.0.0.1:${port}/${token}/${encodeURIComponent(host)}${apis[api].agentSuffix}`;
}

const address = /^\/([\w-]+)\/([^?]*)(\?.*)?$/;

/** Undefined where the URL has no such shape. */
export function readAddress(url: string): Address | undefined {
  const found = address.exec(url);
  return found ? { token: found[1] ?? "", path: found[2] ?? "", query: found[3] ?? "" } : undefined;
}

/** Whether `path` asks for the API; what stands before its last words, such as the host and `/v1`, does not matter. */
export function isEndpoint(path: string, api: ModelApi): boolean {
  const { endpoint } = apis[api];
  return path === endpoint || path.endsWith(`/${endpoint}`);
}
