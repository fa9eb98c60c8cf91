import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { scriptedModel } from "../../src/runtimes/pi/scripted-model.testing.ts";
import { offerModel } from "../scripted-provider.testing.ts";
import { Stage } from "../stage.testing.ts";

/** In front of the scripted model. From its first request on it is out for `outMs`: it answers as `refuse` says. */
async function unreliable(
  context: TestContext,
  outMs: number,
  refuse: (response: ServerResponse, leftMs: number) => void,
) {
  const { url } = await scriptedModel(context);
  const gate = { url: "", refused: 0 };
  let until: number | undefined;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    until ??= performance.now() + outMs;
    const leftMs = until - performance.now();
    if (leftMs > 0) {
      gate.refused += 1;
      return refuse(response, leftMs);
    }
    const { authorization = "" } = request.headers;
    const headers = { authorization, "content-type": "application/json" };
    const answer = await fetch(new URL(request.url ?? "", url), { method: "POST", headers, body });
    response.writeHead(answer.status, { "content-type": "text/event-stream" }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  gate.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(url).pathname}`;
  return gate;
}

const agents = 10;
const tasks = Array.from({ length: agents }, (_, i) => ({
  id: `k${i}`,
  prompt: `bash echo ${i} > ${i}.txt\nbash cat ${i}.txt\nsay done`,
}));

test("ten pi agents whose provider says 429 for four seconds wait, are shown to wait, and all get done by themselves", async (context) => {
  const stage = new Stage(context);
  const limits = { "x-ratelimit-limit-requests": "100000", "x-ratelimit-remaining-requests": "99999" };
  const provider = await unreliable(context, 4_000, (response, leftMs) => {
    response.writeHead(429, { ...limits, "retry-after-ms": `${Math.ceil(leftMs)}` }).end("{}");
  });
  offerModel(stage, provider.url);
  await stage.up({ MINE_KEY: "sk-mine" });
  const { team } = await stage.spawn({ plan: { tasks }, count: agents, model: "mine/scripted-1", budgetUsd: 5 });
  const parked = await stage.watch(team.id, (status) => status.parked.some((group) => group.agents >= 1));
  match(parked.parked[0]?.why ?? "", /mine/);
  await checkDone(stage, team.id);
  // Each of them would have been refused again and again by itself.
  ok(provider.refused <= agents, `${provider.refused} refused`);
});

test("ten pi agents whose provider is down for four seconds all get done, and no task is tried twice", async (context) => {
  const stage = new Stage(context);
  const provider = await unreliable(context, 4_000, (response) => response.destroy());
  offerModel(stage, provider.url);
  await stage.up({ MINE_KEY: "sk-mine" });
  const { team } = await stage.spawn({ plan: { tasks }, count: agents, model: "mine/scripted-1", budgetUsd: 5 });
  await checkDone(stage, team.id);
  ok(provider.refused >= 1 && provider.refused <= 5 * agents, `${provider.refused} refused`);
});

async function checkDone(stage: Stage, team: string): Promise<void> {
  const status = await stage.ended(team);
  deepEqual([status.team.state, status.tasks.done], ["done", agents], JSON.stringify(status));
  for (const task of await stage.tasks(team)) equal((await stage.task(task.key)).attemptList.length, 1, task.key);
  deepEqual(status.parked, []);
}
