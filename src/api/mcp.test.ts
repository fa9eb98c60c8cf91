import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { openApiServer, putToWork } from "./api.testing.ts";
import { toolsFor } from "./mcp-tools.ts";

const node = {
  inspect: () => ({ repo: "/repo", base: "b0", model: "demo", branchExists: false, tiers: [] }) as never,
  steer: () => ({ accepted: true }),
};

/** As an agent or an editor would: the client of the SDK. */
async function connect(context: TestContext, url: string, token = "t") {
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit });
  await client.connect(transport);
  context.after(() => client.close());
  return async (name: string, given: Record<string, unknown> = {}) => {
    const answer = await client.callTool({ name, arguments: given });
    const [first] = answer.content as { text: string }[];
    // biome-ignore lint/suspicious/noExplicitAny: what it is, is what tests ask.
    return { isError: answer.isError ?? false, text: first?.text ?? "", value: answer.structuredContent as any };
  };
}

test("an agent plans no more than it may, spawns a team, looks at it, steers and kills it", async (context) => {
  const { engine, url, asked } = await openApiServer(context, {}, node);
  await putToWork(engine);
  const call = await connect(context, url);
  const plan = { tasks: [{ id: "a", prompt: "do a" }] };
  const spawned = await call("spawn", { repo: "/repo", count: 1, plan, name: "two", idempotencyKey: "k" });
  equal(spawned.value.team.name, "two");
  const again = await call("spawn", { repo: "/repo", count: 1, plan, name: "two", idempotencyKey: "k" });
  equal(again.value.team.id, spawned.value.team.id);
  deepEqual(
    (await call("teams")).value.items.map((team: { name: string }) => team.name),
    ["one", "two"],
  );
  equal((await call("status", { team: "one" })).value.tasks.done, 1);
  equal((await call("tasks", { team: "one", state: "done" })).value.items.length, 1);
  match((await call("why", { task: "one/c" })).value.because, /was merged/);
  const { value } = await call("agents", { team: "one", state: "busy" });
  equal((await call("steer", { agent: value.items[0].id, text: "be quick" })).isError, false);
  deepEqual(asked.at(-1), { type: "steer", agent: value.items[0].id, text: "be quick" });
  equal((await call("kill", { team: "two" })).value.team.state, "killed");
});

test("watch answers when something happens, goes on from its number, and says when it is over", async (context) => {
  const { engine, url } = await openApiServer(context, {}, node);
  await putToWork(engine);
  const call = await connect(context, url);
  const all = await call("watch", { team: "one", from: "0" });
  equal(all.value.events[0].type, "teamCreated");
  const waiting = call("watch", { team: "one", from: all.value.seq });
  await engine.submit({ type: "pauseTeam", team: "t1" });
  const paused = await waiting;
  equal(paused.value.events[0].type, "teamPaused");
  deepEqual([paused.value.ended, paused.value.status.team.state], [false, "paused"]);
  await engine.submit({ type: "killTeam", team: "t1" });
  let last = paused;
  while (!last.value.ended) last = await call("watch", { team: "one", from: last.value.seq });
  equal(last.value.status.team.state, "killed");
});

test("what the engine refuses is an error of the tool, with the code and what to do", async (context) => {
  const { engine, url } = await openApiServer(context, {}, node);
  await putToWork(engine);
  const call = await connect(context, url);
  const refusals: [string, object, RegExp][] = [
    ["status", { team: "none" }, /^TEAM_NOT_FOUND: .*godel team list/],
    ["status", { team: "one", odd: 1 }, /^REQUEST_INVALID: /],
    ["scale", { team: "one", count: "many" }, /^REQUEST_INVALID: /],
    ["watch", { team: "one", seconds: 600 }, /^OPTION_RANGE: /],
    ["nothing", {}, /^NOT_FOUND: /],
    ["getTeam", { team: "one" }, /^NOT_FOUND: /],
    ["__proto__", {}, /^NOT_FOUND: /],
  ];
  for (const [name, given, message] of refusals) {
    const { isError, text } = await call(name, { ...given });
    equal(isError, true, name);
    match(text, message);
  }
});

test("without a token there is no way in, and each role is offered the tools that it may use", async (context) => {
  const { url, ask } = await openApiServer(context);
  await rejects(connect(context, url, "wrong"));
  equal((await ask("GET", "/mcp")).status, 405);
  const names = (role: "viewer" | "operator") => toolsFor(role).map(({ name }) => name);
  ok(!names("viewer").includes("spawn") && names("viewer").includes("watch"));
  ok(["plan", "spawn", "watch", "steer", "kill", "status"].every((name) => names("operator").includes(name)));
});
