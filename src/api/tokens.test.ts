import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Clock, systemClock } from "../lib/clock.ts";
import { openApiServer, putToWork } from "./api.testing.ts";
import { type OperationName, paths, placeOf } from "./operations/paths.ts";
import { operationOf } from "./operations/table.ts";
import { checkListening } from "./options.ts";
import { mayAct, roles } from "./roles.ts";
import { Tokens } from "./tokens.ts";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test("a token does what its role may, and nothing else", async (context) => {
  const { engine, ask, tokens } = await openApiServer(context);
  await putToWork(engine);
  for (const role of roles) {
    const { token } = tokens.create({ role });
    for (const name of Object.keys(paths) as OperationName[]) {
      if (name === "followEvents" || name === "shutDown") continue;
      const { method, path } = placeOf(name);
      const url = path.replace(":team", "one").replace(/:\w+/, "t1%2Fd");
      // A body that is refused, once it is looked at: nothing is to be changed here.
      const body = method === "POST" ? { odd: true } : undefined;
      const reply = await ask(method, url, { headers: bearer(token), body });
      const allowed = mayAct(role, operationOf(name).role);
      equal(reply.body.code === "FORBIDDEN", !allowed, `${role} ${name}: ${reply.text.slice(0, 200)}`);
    }
  }
});

test("a token is good until it ends or is revoked, also after a restart, and only its hash is kept", async (context) => {
  const { dir } = await openApiServer(context);
  const file = join(dir, "given.json");
  let now = 1e12;
  const clock: Clock = { ...systemClock, wall: () => now };
  const tokens = new Tokens(file, clock);
  const day = tokens.create({ role: "viewer", expiresDays: 1, name: "a day" });
  const ever = tokens.create({ role: "operator" });
  equal(statSync(file).mode & 0o777, 0o600);
  const secret = day.token.split("_").slice(2).join("_");
  ok(!readFileSync(file, "utf8").includes(secret));

  const again = new Tokens(file, clock);
  deepEqual(again.callerOf(day.token), { id: day.id, role: "viewer" });
  for (const wrong of [
    "",
    "x",
    `godel_${day.id}_x`,
    `godel_${ever.id}_${secret}`,
    `${day.token}x`,
    "godel___proto___x",
  ]) {
    equal(again.callerOf(wrong), null, wrong);
  }
  now += 24 * 3_600_000 - 1;
  notEqual(again.callerOf(day.token), null);
  now += 1;
  equal(again.callerOf(day.token), null);
  equal(again.revoke(ever.id).state, "revoked");
  equal(new Tokens(file, clock).callerOf(ever.token), null);
  deepEqual(
    again.list().map(({ state }) => state),
    ["expired", "revoked"],
  );
  writeFileSync(file, "{");
  let code = "";
  try {
    new Tokens(file, clock);
  } catch (error) {
    ({ code } = error as { code: string });
  }
  equal(code, "TOKENS_UNREADABLE");
});

test("a token that was made with a key is not kept with the answers", async (context) => {
  const { ask } = await openApiServer(context);
  const request = { body: { role: "viewer" }, headers: { "idempotency-key": "k" } };
  const [first, second] = [await ask("POST", "/api/v1/tokens", request), await ask("POST", "/api/v1/tokens", request)];
  notEqual(first.body.token, second.body.token);
});

test("a browser may do what the token may that let it in, and is out once that is revoked", async (context) => {
  const { ask, url, tokens, server } = await openApiServer(context);
  const { token, id } = tokens.create({ role: "viewer" });
  const { body } = await ask("POST", "/api/v1/tickets", { headers: bearer(token), body: {} });
  const opened = await ask("GET", body.path, { headers: { authorization: "" } });
  const cookie = String(opened.headers["set-cookie"]).split(";", 1)[0] ?? "";
  match(cookie, new RegExp(`^${server.access.cookieName}=`));
  const asBrowser = async (method: string, path: string) => {
    const { hostname, port } = new URL(url);
    const headers = { cookie, origin: url, host: `${hostname}:${port}` };
    return (await fetch(url + path, { method, headers, ...(method === "POST" && { body: "{}" }) })).status;
  };
  equal(await asBrowser("GET", "/api/v1/teams"), 200);
  equal(await asBrowser("POST", "/api/v1/shutdown"), 403);
  tokens.revoke(id);
  equal(await asBrowser("GET", "/api/v1/teams"), 401);
});

test("whatever changes something is noted with who, what and how it ended, the refused too", async (context) => {
  const { engine, ask, tokens, dir } = await openApiServer(context);
  await putToWork(engine);
  const { token, id } = tokens.create({ role: "viewer" });
  await ask("POST", "/api/v1/teams/one/scale", { body: { count: 3 } });
  await ask("POST", "/api/v1/teams/one/kill", { headers: bearer(token), body: {} });
  await ask("POST", "/api/v1/teams/one/kill", { headers: bearer("x"), body: {} });
  await ask("GET", "/api/v1/teams");
  const { items } = (await ask("GET", "/api/v1/audit")).body;
  deepEqual(
    items.map(({ who, role, operation, status }: Record<string, unknown>) => [who, role, operation, status]),
    [
      ["unknown", "", "killTeam", 401],
      [id, "viewer", "killTeam", 403],
      ["engine", "admin", "scaleTeam", 200],
    ],
  );
  const [, , scaled] = items;
  deepEqual([scaled.params, scaled.body, scaled.from], [{ team: "one" }, '{"count":3}', "127.0.0.1"]);
  equal(statSync(join(dir, "audit.log")).mode & 0o777, 0o600);
});

test("it listens beyond loopback with TLS, or where a person says that nobody else can see the network", () => {
  const ask = (given: object) => {
    try {
      checkListening({ host: "", certFile: "", keyFile: "", insecure: false, ...given });
      return "listens";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  for (const host of ["", "127.0.0.1", "127.3.2.1", "::1", "localhost"]) equal(ask({ host }), "listens", host);
  for (const host of ["0.0.0.0", "::", "192.168.1.2", "example.org", "127.0.0.1.example.org"]) {
    equal(ask({ host }), "LISTEN_REFUSED", host);
    equal(ask({ host, certFile: "c" }), "LISTEN_REFUSED", host);
    equal(ask({ host, certFile: "c", keyFile: "k" }), "listens", host);
    equal(ask({ host, insecure: true }), "listens", host);
  }
});
