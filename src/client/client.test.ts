import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { GodelClient } from "godel/client";
import { openApiServer, putToWork } from "../api/api.testing.ts";

test("the package offers the client, whose calls are those of the table", async (context) => {
  const { engine, url } = await openApiServer(context);
  await putToWork(engine);
  const godel = new GodelClient({ url, token: "t" });
  const { team } = await godel.call("pauseTeam", { params: { team: "one" } });
  equal(team.state, "paused");
  // @ts-expect-error: a name in the path must be given
  await rejects(godel.call("getTeam"));
  // @ts-expect-error: no such field
  await rejects(godel.call("scaleTeam", { params: { team: "one" }, body: { size: 3 } }), { code: "REQUEST_INVALID" });
  await rejects(godel.call("getTask", { params: { task: "t1/none" } }), { code: "TASK_NOT_FOUND" });
  await rejects(new GodelClient({ url, token: "x" }).call("getHealth"), { code: "UNAUTHORIZED" });
  await rejects(new GodelClient({ url: "http://127.0.0.1:1", token: "x" }).call("getHealth"), {
    code: "ENGINE_UNREACHABLE",
  });
});

test("a list is read to its end, page by page, and a name may hold a slash", async (context) => {
  const { engine, url } = await openApiServer(context);
  await putToWork(engine);
  const godel = new GodelClient({ url, token: "t" });
  const tasks = await godel.all("listTasks", { query: { team: "one", limit: "1" } });
  deepEqual(
    tasks.map(({ key }) => key),
    ["a", "b", "c", "d"],
  );
  equal((await godel.call("getTask", { params: { task: "one/d" } })).key, "d");
});

test("a call with a key is made again when its connection breaks, and one without is not", async (context) => {
  const { engine, server, url } = await openApiServer(context);
  await putToWork(engine);
  let cuts = 1;
  server.app.server.prependListener("request", (request) => {
    if (cuts-- > 0) request.socket.resetAndDestroy();
  });
  const godel = new GodelClient({ url, token: "t" });
  const params = { team: "one" };
  equal((await godel.call("pauseTeam", { params, idempotencyKey: "k" })).team.state, "paused");
  cuts = 1;
  await rejects(godel.call("resumeTeam", { params }), { code: "ENGINE_UNREACHABLE" });
});

test("a team is followed over a cut, and nothing is missed or told twice", async (context) => {
  const { engine, server, url } = await openApiServer(context);
  await putToWork(engine);
  const stop = new AbortController();
  const godel = new GodelClient({ url, token: "t" });
  const seen: string[] = [];
  const from = String(engine.seq);
  await engine.submit({ type: "pauseTeam", team: "t1" });
  for await (const frame of godel.follow({ team: "one", from, types: "teamPaused,teamResumed", signal: stop.signal })) {
    if (frame.type !== "event") continue;
    seen.push(frame.event.type);
    if (seen.length === 1) {
      server.app.server.closeAllConnections();
      await engine.submit({ type: "resumeTeam", team: "t1" });
    }
    if (seen.length === 2) stop.abort();
  }
  deepEqual(seen, ["teamPaused", "teamResumed"]);
});

test("a command loads of Node's HTTP what it asks with, and neither its fetch nor its WebSocket", async () => {
  const clientUrl = new URL("./client.ts", import.meta.url).href;
  const script = `await import(${JSON.stringify(clientUrl)}); console.log(process.moduleLoadList.join("\\n"));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  match(stdout, /^NativeModule http$/m);
  equal(/undici/.test(stdout), false);
});
