import { deepEqual, equal, match } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { TeamStatus } from "../../src/api/wire.ts";
import { godel } from "../../src/cli/command.testing.ts";
import { scriptedModel } from "../../src/runtimes/pi/scripted-model.testing.ts";
import { Stage } from "../stage.testing.ts";

test("with all providers out, status asks; another model, waiting and giving up are each an answer", async (context) => {
  const stage = new Stage(context);
  const { url } = await scriptedModel(context);
  let isDown = true;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (isDown) return response.destroy();
    const answer = await fetch(new URL(request.url ?? "", url), { method: "POST", body });
    response.writeHead(answer.status, { "content-type": "text/event-stream" }).end(await answer.text());
  }).listen(0, "127.0.0.1");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const mineUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(url).pathname}`;
  const one = (baseUrl: string, api = "openai-completions") => {
    const cost = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 };
    return { baseUrl, api, apiKey: "k", models: [{ id: "scripted-1", contextWindow: 100_000, cost }] };
  };
  mkdirSync(`${stage.dir}/pi`);
  const providers = { mine: one(mineUrl), other: one(url), foreign: one(url, "anthropic-messages") };
  writeFileSync(`${stage.dir}/pi/models.json`, JSON.stringify({ providers }));
  mkdirSync(stage.home);
  writeFileSync(`${stage.home}/godel.yaml`, "providers:\n  mine:\n    askAfterMs: 3000\n");
  await stage.up();

  for (const name of ["use", "wait", "leave"]) {
    const plan = { tasks: [{ id: "one", prompt: `bash echo 1 > ${name}.txt\nsay done` }] };
    await stage.spawn({ name, plan, model: "mine/scripted-1", budgetUsd: 5 });
  }
  const json = async (...args: string[]): Promise<TeamStatus> => {
    const { code, out, err } = await godel(stage.home, "team", ...args, "--json");
    equal(code, 0, out + err);
    return JSON.parse(out);
  };
  for (const name of ["use", "wait", "leave"]) {
    await stage.watch(name, ({ parked }) => parked.some(({ asks }) => asks));
    const { parked, team } = await json("status", name);
    deepEqual([team.state, parked.length, parked[0]?.agents, parked[0]?.asks], ["running", 1, 1, true]);
    match(parked[0]?.why ?? "", /mine is down/);
  }
  match((await godel(stage.home, "team", "status", "use")).out, /godel team answer use/);

  const foreign = await godel(stage.home, "team", "answer", "use", "--model", "foreign/scripted-1");
  deepEqual([foreign.code === 0, /speaks anthropic-messages/.test(foreign.err)], [false, true], foreign.err);
  equal((await json("answer", "use", "--model", "other/scripted-1")).team.name, "use");
  equal((await stage.ended("use")).team.state, "done");

  equal((await json("answer", "leave", "--give-up")).tasks.cancelled, 1);
  const left = await stage.ended("leave");
  deepEqual([left.tasks.cancelled, left.tasks.failed], [1, 0]);

  const waits = await godel(stage.home, "team", "answer", "wait", "--wait");
  deepEqual([waits.code, waits.out], [0, "wait waits for its own providers.\n"]);
  equal((await stage.status("wait")).team.state, "running");
  isDown = false;
  const waited = await stage.ended("wait");
  deepEqual([waited.team.state, waited.tasks.done], ["done", 1]);
  equal((await stage.task("wait/one")).attemptList.length, 1);
});
