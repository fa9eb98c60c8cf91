import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";
import { codeOf } from "../lib/errors.ts";
import { http } from "../lib/http.ts";

/** Connections towards providers, kept alive and shared by all agents. */
export interface Connections {
  http: HttpAgent;
  https: HttpsAgent;
}

/** `maxSockets` a host; requests above it wait, and their number is bounded by the gateway's own connections. */
export function openConnections(maxSockets: number): Connections {
  const options = { keepAlive: true, maxSockets, maxFreeSockets: 256, scheduling: "lifo" } as const;
  return { http: new http.Agent(options), https: new HttpsAgent(options) };
}

export function closeConnections(connections: Connections): void {
  connections.http.destroy();
  connections.https.destroy();
}

export interface Sending {
  url: string;
  headers: Record<string, string | string[]>;
  body: Buffer;
  /** The provider may have got the whole request, and may bill it. */
  onSent(): void;
  onResponse(response: IncomingMessage): void;
  /** Before any response. */
  onError(error: Error): void;
}

/** Sends one request; the returned function ends it. */
export function send(sending: Sending, connections: Connections): () => void {
  let current: ClientRequest;
  start(true);
  return () => current.destroy();

  function start(mayRepeat: boolean): void {
    const secure = sending.url.startsWith("https:");
    const options = { ...placeOf(sending.url), method: "POST", headers: sending.headers };
    current = secure
      ? httpsRequest({ ...options, agent: connections.https })
      : http.request({ ...options, agent: connections.http });
    const request = current;
    let answered = false;
    request.once("finish", sending.onSent);
    request.once("response", (response) => {
      answered = true;
      sending.onResponse(response);
    });
    request.on("error", (error) => {
      // The provider closed an idle connection just as it was taken up again: it has not seen the request.
      if (answered) return; // the response tells of it
      if (request.reusedSocket && codeOf(error) === "ECONNRESET" && mayRepeat) start(false);
      else sending.onError(error);
    });
    request.end(sending.body);
  }
}

/** Addresses as Node's requests take them: there are about as many as models, and each is asked often. */
const places = new Map<string, ReturnType<typeof urlToHttpOptions>>();
const maxPlaces = 1_024;

function placeOf(url: string): ReturnType<typeof urlToHttpOptions> {
  const known = places.get(url);
  if (known) return known;
  if (places.size >= maxPlaces) places.clear(); // queries that differ
  const place = urlToHttpOptions(new URL(url));
  places.set(url, place);
  return place;
}
