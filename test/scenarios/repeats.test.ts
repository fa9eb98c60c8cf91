/** Requests that come twice, with the engine killed in between. */
import { deepEqual, equal } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Stage, shellPlan } from "../stage.testing.ts";

function spawner(context: TestContext) {
  const stage = new Stage(context);
  const body = JSON.stringify({ repo: stage.repo, count: 1, name: "once", runtime: "command", plan: shellPlan(1) });
  const spawn = async (key: string) => {
    const { url, token } = stage.engine;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key };
    const response = await fetch(`${url}/api/v1/teams`, { method: "POST", headers, body });
    return {
      status: response.status,
      replayed: response.headers.get("idempotency-replayed"),
      text: await response.text(),
    };
  };
  const crash = async () => {
    const { pid } = stage.engine;
    process.kill(pid, "SIGKILL");
    await stage.up();
  };
  const teams = async () => (await stage.get<{ items: { id: string }[] }>("/api/v1/teams")).items.map(({ id }) => id);
  return { stage, spawn, crash, teams };
}

test("a request that comes again after kill -9 of the engine gets the first answer, and there is one team", async (context) => {
  const { stage, spawn, crash, teams } = spawner(context);
  await stage.up();
  const first = await spawn("k1");
  deepEqual([first.status, first.replayed], [201, null], first.text);
  await crash();
  const again = await spawn("k1");
  deepEqual([again.status, again.replayed, again.text], [201, "true", first.text]);
  equal((await spawn("k2")).status, 409);
  deepEqual(await teams(), [JSON.parse(first.text).team.id]);
});

test("wherever the engine is killed while it answers, the same request afterwards finds or makes the one team", async (context) => {
  const { stage, spawn, crash, teams } = spawner(context);
  await stage.up();
  // Cut off somewhere on its way; there is nothing to hear of it.
  const cut = spawn("k1").catch(() => null);
  await new Promise((resolve) => setImmediate(resolve));
  await crash();
  await cut;
  const again = await spawn("k1");
  equal(again.status, 201, again.text);
  deepEqual(await teams(), [JSON.parse(again.text).team.id]);
});
