/** In front of the scripted model: an agent whose model is slow, gives bad advice, or changes its mind. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { contentOf, type Message, scriptedModel } from "../src/runtimes/pi/scripted-model.testing.ts";

export interface Asked {
  /** What the agent was told: the script of its task, and what its last attempt ran into. */
  prompt: string;
  /** Answers that it had before. */
  answers: number;
}

/** Resolves with the script to follow instead of the prompt; undefined leaves it as it is. An answer waits for it. */
export type Tamper = (asked: Asked) => Promise<string | undefined>;

/** The address to offer. */
export async function modelFront(context: TestContext, tamper: Tamper): Promise<string> {
  const { url } = await scriptedModel(context);
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as { messages: Message[] };
    const user = body.messages.find(({ role }) => role === "user");
    const answers = body.messages.filter(({ role }) => role === "assistant").length;
    const script = await tamper({ prompt: contentOf(user), answers });
    if (user && script !== undefined) user.content = script;
    const { authorization = "" } = request.headers;
    const headers = { authorization, "content-type": "application/json" };
    const answer = await fetch(new URL(request.url ?? "", url), {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    response.writeHead(answer.status, { "content-type": "text/event-stream" }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(url).pathname}`;
}
