import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Clock, systemClock } from "../lib/clock.ts";
import fc from "../lib/properties.testing.ts";
import { openApiServer, putToWork } from "./api.testing.ts";
import { AnsweredOnce } from "./once.ts";
import { cut } from "./paging.ts";
import { RateLimit } from "./rate-limit.ts";

const plan = { tasks: [{ id: "a", prompt: "do a" }] };
const node = {
  inspect: () => ({ repo: "/repo", base: "b0", model: "demo", branchExists: false, tiers: [] }) as never,
};

test("a POST that comes again with its key gets the first answer, and is done once", async (context) => {
  const { engine, ask } = await openApiServer(context, {}, node);
  const spawn = (key: string, body: object = {}) =>
    ask("POST", "/api/v1/teams", {
      headers: { "idempotency-key": key },
      body: { repo: "/repo", count: 1, plan, name: "one", model: "demo", ...body },
    });
  const [first, twin] = await Promise.all([spawn("k1"), spawn("k1")]);
  const again = await spawn("k1");
  deepEqual([first.status, twin.status, again.status], [201, 201, 201]);
  equal(twin.text, first.text);
  equal(again.text, first.text);
  equal(again.headers["idempotency-replayed"], "true");
  equal(engine.state.teams.size, 1);

  const other = await spawn("k1", { count: 2 });
  deepEqual([other.status, other.body.code], [422, "IDEMPOTENCY_KEY_REUSED"]);
  // A refusal did nothing: the key is free for another try.
  equal((await spawn("k2")).body.code, "TEAM_EXISTS");
  equal((await spawn("k2", { name: "two" })).status, 201);
  for (const bad of ["", "a b", "x".repeat(256)]) equal((await spawn(bad)).body.code, "REQUEST_INVALID", bad);
});

test("a spawn whose engine died before it could answer finds the team that it made", async (context) => {
  const { engine, server, ask } = await openApiServer(context, {}, node);
  const request = {
    headers: { "idempotency-key": "k1" },
    body: { repo: "/repo", count: 1, plan, name: "one", model: "demo" },
  };
  const first = await ask("POST", "/api/v1/teams", request);
  // As after a restart: the journal has the team, and no answer was kept.
  const fresh = await openApiServer(context, {}, node);
  for await (const { events } of engine.read(0n)) {
    const made = events.find((event) => event.type === "teamCreated");
    if (made?.type === "teamCreated") await fresh.engine.submit({ type: "createTeam", team: made.team, plan: null });
  }
  const again = await fresh.ask("POST", "/api/v1/teams", request);
  deepEqual([again.status, again.body.team.id], [201, first.body.team.id]);
  equal(fresh.engine.state.teams.size, 1);
  ok(server);
});

test("what answers with a secret is done once for a key, and its answer is kept nowhere", async (context) => {
  const dir = mkdtempSync(join(tmpdir(), "godel-answers-"));
  const file = join(dir, "answers.db");
  const once = new AnsweredOnce(file, systemClock);
  context.after(() => rmSync(dir, { recursive: true }));
  let made = 0;
  const make = async () => `"a secret ${++made}"`;
  const request = { key: "someone k1", operation: "createToken", input: {}, isSecret: true };
  const [first, twin] = await Promise.allSettled([once.run(request, make), once.run(request, make)]);
  deepEqual(first, { status: "fulfilled", value: { answer: '"a secret 1"', repeated: false } });
  equal(twin.status === "rejected" && twin.reason.code, "IDEMPOTENCY_KEY_REUSED");
  await rejects(once.run(request, make), { code: "IDEMPOTENCY_KEY_REUSED", message: /kept nowhere/ });
  equal(made, 1);
  once.close();
  for (const name of readdirSync(dir)) ok(!readFileSync(join(dir, name), "latin1").includes("a secret"), name);
});

test("answers are kept over a restart, for a day", async (context) => {
  const dir = mkdtempSync(join(tmpdir(), "godel-answers-"));
  context.after(() => rmSync(dir, { recursive: true }));
  let now = 1e12;
  const clock: Clock = { ...systemClock, wall: () => now };
  let done = 0;
  const run = async () => {
    const once = new AnsweredOnce(join(dir, "answers.db"), clock);
    try {
      return await once.run({ key: "k", operation: "o", input: [1] }, async () => `answer ${++done}`);
    } finally {
      once.close();
    }
  };
  deepEqual(await run(), { answer: "answer 1", repeated: false });
  now += 24 * 3_600_000;
  deepEqual(await run(), { answer: "answer 1", repeated: true });
  now += 1;
  deepEqual(await run(), { answer: "answer 2", repeated: false });
});

test("what has not changed is not sent again", async (context) => {
  const { engine, ask } = await openApiServer(context);
  await putToWork(engine);
  const first = await ask("GET", "/api/v1/teams");
  const etag = String(first.headers.etag);
  match(etag, /^"[\w-]{20,}"$/);
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const again = await ask("GET", "/api/v1/teams", { headers: { "if-none-match": known } });
    deepEqual([again.status, again.text, again.headers.etag], [304, "", etag], known);
  }
  equal((await ask("GET", "/api/v1/teams", { headers: { "if-none-match": '"other"' } })).status, 200);
  await engine.submit({ type: "pauseTeam", team: "t1" });
  const changed = await ask("GET", "/api/v1/teams", { headers: { "if-none-match": etag } });
  equal(changed.status, 200);
  notEqual(changed.headers.etag, etag);
});

test("a list in pages has each item once, whatever is added meanwhile", () => {
  const letters = fc.uniqueArray(fc.string({ maxLength: 5 }), { maxLength: 30 });
  fc.assert(
    fc.property(letters, fc.integer({ min: 1, max: 7 }), letters, (first, limit, more) => {
      const items = [...first];
      const seen: string[] = [];
      let cursor: string | undefined;
      for (const added of [...more, null]) {
        const { page, nextCursor } = cut(items, { limit: String(limit), cursor }, (item) => item);
        seen.push(...page);
        if (nextCursor === null) break;
        cursor = nextCursor;
        if (added !== null && !items.includes(added)) items.push(added);
        else if (added === null) items.length = 0;
      }
      deepEqual(seen, [...new Set(seen)]);
      deepEqual(seen, [...first, ...more.filter((each) => !first.includes(each))].slice(0, seen.length));
    }),
  );
});

test("pages follow one another by their cursors, through filters", async (context) => {
  const { engine, ask } = await openApiServer(context);
  await putToWork(engine);
  const walk = async (path: string) => {
    const ids: string[] = [];
    for (let cursor = ""; ; ) {
      const { body } = await ask("GET", `${path}&limit=1${cursor && `&cursor=${cursor}`}`);
      equal(body.items.length <= 1, true);
      ids.push(...body.items.map((item: { id?: string; attempt?: string }) => item.id ?? item.attempt));
      if (body.nextCursor === null) return ids;
      cursor = body.nextCursor;
    }
  };
  deepEqual(await walk("/api/v1/tasks?team=t1"), ["t1/a", "t1/b", "t1/c", "t1/d"]);
  deepEqual(await walk("/api/v1/tasks?team=t1&state=done,failed"), ["t1/c"]);
  deepEqual(await walk("/api/v1/teams/t1/timeline?state=accepted"), ["t1/c/1"]);
  equal((await walk("/api/v1/agents?team=t1&state=busy")).length, 2);
  for (const cursor of ["x", "WzAsIm5vbmUiXQ"]) {
    equal((await ask("GET", `/api/v1/tasks?team=t1&cursor=${cursor}`)).body.code, "CURSOR_INVALID");
  }
});

test("one token may ask so often and no oftener; what it missed comes back with time, and others do not wait", () => {
  let now = 0;
  const clock: Clock = { ...systemClock, monotonic: () => now };
  const rate = new RateLimit({ requestsPerSecond: 2, requestBurst: 3 }, clock);
  const taken = (caller: string, times: number) =>
    Array.from({ length: times }, () => {
      try {
        rate.take(caller);
        return true;
      } catch {
        return false;
      }
    }).filter(Boolean).length;
  equal(taken("a", 5), 3);
  equal(taken("b", 1), 1);
  now += 499;
  equal(taken("a", 1), 0);
  now += 1;
  equal(taken("a", 2), 1);
  now += 60_000;
  equal(taken("a", 9), 3);
});

test("who asks too often is told when to come back, and probes are answered all the same", async (context) => {
  const { ask } = await openApiServer(context, { rate: { requestsPerSecond: 0.001, requestBurst: 2 } });
  const statuses = async (times: number, path: string, headers = {}) => {
    const all = [];
    for (let i = 0; i < times; i++) all.push((await ask("GET", path, { headers })).status);
    return all;
  };
  deepEqual(await statuses(3, "/api/v1/teams"), [200, 200, 429]);
  const refused = await ask("GET", "/api/v1/teams");
  deepEqual([refused.body.code, refused.headers["retry-after"]], ["RATE_LIMITED", "1000"]);
  deepEqual(await statuses(3, "/docs", { authorization: "" }), [200, 200, 200]);
});

test("each operation takes no larger a body than it has use for", async (context) => {
  const { engine, ask } = await openApiServer(context);
  await putToWork(engine);
  const size = async (path: string, chars: number) =>
    (await ask("POST", path, { body: { text: "x".repeat(chars) } })).status;
  equal(await size("/api/v1/teams/one/scale", 65_536), 413);
  equal(await size("/api/v1/agents/t1-a1/steer", 199_000), 503);
  equal(await size("/api/v1/agents/t1-a1/steer", 1 << 20), 413);
});
