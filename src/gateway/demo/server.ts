import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type Clock, sleep } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import { http } from "../../lib/http.ts";
import { type Fields, isFields, parseJson } from "../../lib/json.ts";
import { secretToken } from "../../lib/random.ts";
import { readBody } from "../body.ts";
import { closeServer, listen } from "../listen.ts";
import { type Answer, answer } from "./script.ts";
import { chunks, completion, type Frame, usageOf, within } from "./wire.ts";

export interface DemoOptions {
  clock: Clock;
  /** Wait before the first token, in ms. Default 0; 0 to 60,000. */
  latencyMs: number;
}

/** Largest request it reads, in bytes; a conversation holds a file of 256,000 characters up to four times. */
const maxBodyBytes = 16 * 2 ** 20;

/** A model server like any other, on a loopback port of its own; only its thinking is scripted. */
export class DemoServer {
  /** Without a slash at the end; `/chat/completions` goes behind it. */
  readonly baseUrl: string;
  private readonly server: Server;

  private constructor(server: Server, port: number) {
    this.server = server;
    this.baseUrl = `http://127.0.0.1:${port}/v1`;
  }

  static async open(options: DemoOptions): Promise<DemoServer> {
    const server = http.createServer((request, response) => {
      serve(request, response, options).catch((error) => fail(response, 500, messageOf(error)));
    });
    return new DemoServer(server, await listen(server));
  }

  close(): Promise<void> {
    return closeServer(this.server);
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, options: DemoOptions): Promise<void> {
  if (request.method !== "POST" || request.url !== "/v1/chat/completions") return fail(response, 404, "no such path");
  const body = await readBody(request, maxBodyBytes);
  if (body === undefined) return fail(response, 413, `the request is larger than ${maxBodyBytes} bytes`);
  const asked = parseJson(body.toString("utf8"));
  if (!isFields(asked)) return fail(response, 400, "the request is not JSON");
  await sleep(options.clock, options.latencyMs, goneSignal(response));
  const frame = { id: secretToken(), created: Math.floor(options.clock.wall() / 1000), model: String(asked.model) };
  send(response, asked, frame, within(asked, answer(asked)));
}

function send(response: ServerResponse, asked: Fields, frame: Frame, given: Answer): void {
  const usage = usageOf(asked, given);
  if (asked.stream !== true) return sendJson(response, 200, completion(frame, given, usage));
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  // Bounded by the size of one file, so the socket's own buffer may hold it.
  for (const chunk of chunks(frame, given, usage)) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  response.end("data: [DONE]\n\n");
}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  return gone.signal;
}

function fail(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) response.destroy();
  else sendJson(response, status, { error: { message, type: "invalid_request_error" } });
}

function sendJson(response: ServerResponse, status: number, body: Fields): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
