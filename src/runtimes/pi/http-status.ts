import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** Node's own HTTP client announces each response here, whichever library asked. */
const channel = "undici:request:headers";

export interface HttpStatus {
  /** The status of the newest response to a request below `url`, or 0. */
  last(url: string): number;
  watch(url: string): void;
  forget(url: string): void;
  close(): void;
}

/**
 * The HTTP status of model requests, by the attempt's own address. pi reports a failed request as text alone, and
 * text is nothing to decide by: 402 is a spent budget, everything else the provider's failure.
 */
export function httpStatus(): HttpStatus {
  const statuses = new Map<string, number>();
  const note = (message: unknown) => {
    const { request, response } = message as {
      request: { origin: string | URL; path: string };
      response: { statusCode: number };
    };
    const address = `${String(request.origin).replace(/\/$/, "")}${request.path}`;
    for (const url of statuses.keys()) if (address.startsWith(url)) statuses.set(url, response.statusCode);
  };
  subscribe(channel, note);
  return {
    last: (url) => statuses.get(url) ?? 0,
    watch: (url) => void statuses.set(url, 0),
    forget: (url) => void statuses.delete(url),
    close: () => void unsubscribe(channel, note),
  };
}
