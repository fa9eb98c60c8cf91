/**
 * A provider that sells the demo model: the shipped script answers, in the time that a real model takes, and the
 * provider alone knows what it charged for. It lives in the process of the test, so it outlives every process that is killed.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { demoTarget } from "../../src/gateway/demo/model.ts";
import { answer } from "../../src/gateway/demo/script.ts";
import { chunks, usageOf, within } from "../../src/gateway/demo/wire.ts";
import { type Millis, sleep, systemClock } from "../../src/lib/clock.ts";
import type { Fields } from "../../src/lib/json.ts";

export interface Provider {
  /** Of `models.json`, as pi's users write it: the model is `slow/scripted` there. */
  readonly models: object;
  readonly requests: number;
  /** What it charged for, in USD: what was read, and what was written before the other side hung up. */
  readonly billedUsd: number;
  close(): Promise<void>;
}

export const slowModel = `slow/${demoTarget.id}`;

/** Answers begin after half of `thinkMs` and end after the whole. */
export async function openProvider(thinkMs: Millis): Promise<Provider> {
  const bill = { requests: 0, usd: 0 };
  const server = createServer((request, response) => void serve(request, response, thinkMs, bill));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const slow = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    api: demoTarget.api,
    apiKey: "none-is-needed",
    models: [demoTarget.description],
  };
  return {
    models: { providers: { slow } },
    get requests() {
      return bill.requests;
    },
    get billedUsd() {
      return bill.usd;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Bill {
  requests: number;
  usd: number;
}

async function serve(request: IncomingMessage, response: ServerResponse, thinkMs: Millis, bill: Bill): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // One that hangs up before its question is read is not charged.
  const asked: Fields | undefined = await text(request).then(JSON.parse, () => undefined);
  if (asked === undefined) return;
  const given = within(asked, answer(asked));
  const usage = usageOf(asked, given);
  bill.requests++;
  bill.usd += inputUsd(usage);
  await sleep(systemClock, thinkMs / 2, gone.signal);
  const frame = { id: `${bill.requests}`, created: 1, model: String(asked.model) };
  const pieces = [...chunks(frame, given, usage)].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  const steps = 5;
  for (let step = 0; step < steps && !gone.signal.aborted; step++) {
    bill.usd += outputUsd(usage) / steps;
    const part = (index: number) => Math.round((pieces.length * index) / steps);
    response.write(pieces.slice(part(step), part(step + 1)).join(""));
    await sleep(systemClock, thinkMs / 2 / steps, gone.signal);
  }
  response.end("data: [DONE]\n\n");
}

const { cost } = demoTarget.description as { cost: { input: number; output: number; cacheRead: number } };

function inputUsd(usage: Fields): number {
  const cached = Number((usage.prompt_tokens_details as Fields).cached_tokens);
  return ((Number(usage.prompt_tokens) - cached) * cost.input + cached * cost.cacheRead) / 1e6;
}

function outputUsd(usage: Fields): number {
  return (Number(usage.completion_tokens) * cost.output) / 1e6;
}
