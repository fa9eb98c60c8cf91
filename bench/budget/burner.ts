/**
 * A model that never comes to an end: each answer is long, dear, and calls one more tool. It keeps its own books, and
 * bills a request in full as soon as it has read it, whether or not anybody waits for the answer.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Random } from "../../src/lib/random.ts";

/** USD per million tokens, as its users are told in models.json. */
export const burnerCost = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };

export interface Burner {
  url: string;
  books: { billedUsd: number; requests: number };
  close(): void;
}

interface Asked {
  messages: unknown[];
  max_tokens?: number;
  max_completion_tokens?: number;
}

/** `answerMs`: how long an answer takes at most. */
export async function openBurner(random: Random, answerMs: number): Promise<Burner> {
  const books = { billedUsd: 0, requests: 0 };
  const server = createServer(async (request, response) => {
    const asked = (await json(request)) as Asked;
    const most = Number(asked.max_completion_tokens ?? asked.max_tokens ?? 32_000);
    // What a tokenizer makes of it, and most often all that it may say.
    const input = Math.ceil(JSON.stringify(asked).length / (3 + random.next()));
    const output = random.next() < 0.5 ? most : Math.ceil(most * random.next());
    books.requests++;
    books.billedUsd += (input * burnerCost.input + output * burnerCost.output) / 1e6;
    setTimeout(() => answer(response, { input, output, id: books.requests }), answerMs * random.next());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    books,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(response: ServerResponse, { input, output, id }: { input: number; output: number; id: number }): void {
  const call = { name: "bash", arguments: JSON.stringify({ command: `echo ${id} >> work.txt` }) };
  const delta = { role: "assistant", tool_calls: [{ index: 0, id: `call_${id}`, type: "function", function: call }] };
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  const frame = { id: `b${id}`, object: "chat.completion.chunk", created: 0, model: "burner" };
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const choices of [[{ index: 0, delta }], [{ index: 0, delta: {}, finish_reason: "tool_calls" }]]) {
    response.write(`data: ${JSON.stringify({ ...frame, choices })}\n\n`);
  }
  response.end(`data: ${JSON.stringify({ ...frame, choices: [], usage })}\n\ndata: [DONE]\n\n`);
}
