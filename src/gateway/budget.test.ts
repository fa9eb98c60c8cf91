import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import type { Fields } from "../lib/json.ts";
import { seededRandom } from "../lib/random.ts";
import type { Limit } from "../model/budget.ts";
import { ask, type Bench, grantUrl, json, openBench, type Seen, stream } from "./provider.testing.ts";

const path = "/chat/completions";

/** What the fake models cost: 2 USD per million tokens of input at the dearest (written to the cache), 10 of output. */
const inputUsd = (bytes: number, hidden = 1_024) => ((bytes + hidden) * 2) / 1e6;

function bytesOf(body: Fields): number {
  return JSON.stringify({ model: "m/1", ...body }).length;
}

/** A provider that keeps its books: it bills up to all that a request allows, and never more than that. */
function honest(bench: Bench, random = seededRandom(1)) {
  const books = { billedUsd: 0, requests: 0 };
  bench.provider.answer = async (response, { body }) => {
    books.requests++;
    for (let turns = Math.floor(random.next() * 5); turns > 0; turns--) await new Promise(setImmediate);
    // The same text counts alike each time: the bound of a session rests on that.
    const input = Math.floor(JSON.stringify(body).length * 0.3);
    const most = Number(body.max_tokens);
    const output = random.next() < 0.2 ? most : Math.floor(most * random.next());
    books.billedUsd += (input + output * 10) / 1e6;
    answerWith(response, body, { prompt_tokens: input, completion_tokens: output });
  };
  return books;
}

function answerWith(response: ServerResponse, body: Fields, usage: Fields): void {
  if (body.stream !== true) return json(response, 200, { usage });
  stream(response, [{ choices: [{ delta: { content: "hi" } }] }, { choices: [], usage }]);
  response.end();
}

/** 50 agents that go on until they are told that the budget is spent. */
async function fleet(
  t: TestContext,
  budgetUsd: number,
  work: (bench: Bench, url: string, agent: number) => Promise<number>,
) {
  const bench = await openBench(t, { budgetUsd });
  const { gateway } = bench;
  let highest = 0;
  const look = () => {
    highest = Math.max(highest, gateway.spentOf("t") + gateway.reservedOf("t"));
    ok(highest <= budgetUsd, `${gateway.spentOf("t")} + ${gateway.reservedOf("t")}`);
  };
  const run = async (agent: number) => {
    const url = (await grantUrl(bench, "chat/m/1", `a${agent}`)) + path;
    let served = 0;
    for (;;) {
      const status = await work(bench, url, agent);
      look();
      if (status === 402) return served;
      if (status === 200) served++;
    }
  };
  const served = () => Promise.all(Array.from({ length: 50 }, (_, agent) => run(agent)));
  return { bench, served, highest: () => highest };
}

for (const budgetUsd of [0.5, 5]) {
  test(`50 agents at once spend nearly all of $${budgetUsd}, and not a billionth more, by the provider's own books`, async (t) => {
    const random = seededRandom(7);
    const { bench, served, highest } = await fleet(t, budgetUsd, async (_bench, url) => {
      const content = "x".repeat(Math.floor(random.next() * 3_000));
      const body = { messages: [{ role: "user", content }], max_tokens: 32_000, stream: random.next() < 0.5 };
      const answer = await ask(url, body);
      await answer.text();
      return answer.status;
    });
    const books = honest(bench);
    const counts = await served();
    const spent = bench.gateway.spentOf("t");
    ok(Math.abs(spent - books.billedUsd) < 1e-9);
    ok(books.billedUsd <= budgetUsd, `${books.billedUsd} billed`);
    ok(spent > 0.9 * budgetUsd, `only ${spent} spent`);
    ok(highest() <= budgetUsd);
    equal(bench.gateway.reservedOf("t"), 0);
    equal(bench.gateway.overrunOf("t"), 0);
    t.diagnostic(
      `$${budgetUsd}: ${books.requests} requests, ${((100 * spent) / budgetUsd).toFixed(1)}% used, overshoot $${Math.max(0, books.billedUsd - budgetUsd)}, highest spent + reserved $${highest()}; least and most answers of an agent ${Math.min(...counts)} and ${Math.max(...counts)}`,
    );
  });
}

test("with refusals, broken streams and agents that leave, spent + reserved stays within the budget and ends at nothing reserved", async (t) => {
  const random = seededRandom(3);
  const { bench, served } = await fleet(t, 1, async (_bench, url) => {
    const leaving = random.next() < 0.2 ? AbortSignal.timeout(Math.ceil(random.next() * 10)) : undefined;
    const body = { messages: [], max_tokens: 16_000, stream: true };
    const answer = await ask(url, body, leaving).catch(() => undefined);
    await answer?.text().catch(() => "broken");
    return answer?.status ?? 0;
  });
  bench.provider.answer = async (response, { body }) => {
    const fate = random.next();
    if (fate < 0.1) return json(response, 500, {});
    if (fate < 0.2) return void response.destroy();
    stream(response, [{ choices: [{ delta: { content: "words ".repeat(50) } }] }]);
    for (let turns = Math.floor(random.next() * 20); turns > 0; turns--) await new Promise(setImmediate);
    if (fate < 0.3) return void response.destroy();
    const usage = { prompt_tokens: 10, completion_tokens: Math.floor(Number(body.max_tokens) * random.next()) };
    response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\n`);
  };
  await served();
  ok(bench.gateway.spentOf("t") <= 1);
  equal(bench.gateway.reservedOf("t"), 0);
  deepEqual(bench.lines, []);
});

test("a budget for 20 requests gives each of 20 agents one, and nobody waits for ever", async (t) => {
  const body = { messages: [{ role: "user", content: "x" }], max_tokens: 4_096 };
  const each = inputUsd(bytesOf(body)) + 4_096e-5;
  const bench = await openBench(t, { budgetUsd: each * 20.001 });
  bench.provider.answer = (response, seen) =>
    json(response, 200, {
      usage: { prompt_tokens: 0, prompt_tokens_details: {}, completion_tokens: seen.body.max_tokens },
    });
  const urls = await Promise.all(Array.from({ length: 20 }, (_, i) => grantUrl(bench, "chat/m/1", `a${i}`)));
  const answers = await Promise.all(urls.map((url) => ask(url + path, body)));
  deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
});

test("the request goes out with what was reserved for it, and with nothing else changed", async (t) => {
  const budgetUsd = 0.1;
  const bench = await openBench(t, { budgetUsd });
  const seen: Seen[] = [];
  bench.provider.answer = (response, one) => {
    seen.push(one);
    json(response, 500, {});
  };
  const body = { messages: [{ role: "user", content: "hi" }], max_tokens: 64_000, temperature: 0.5 };
  const url = (await grantUrl(bench, "chat/m/1")) + path;
  await (await ask(url, body)).text();
  // A last turn is kept back: 1,024 tokens, after an input a quarter longer.
  const fits = Math.floor((budgetUsd - 2.25 * inputUsd(bytesOf(body))) / 1e-5) - 1_024;
  deepEqual(seen[0]?.body, { model: "m/1", ...body, max_tokens: seen[0]?.body.max_tokens });
  ok(Math.abs(Number(seen[0]?.body.max_tokens) - fits) <= 1, `${seen[0]?.body.max_tokens}, not ${fits}`);
  equal(bench.gateway.reservedOf("t"), 0);
  const twice = '{"model":"m/1","max_tokens":99999999,"max_tokens":5,"max_\\u0074okens":6}';
  await fetch(url, { method: "POST", body: twice });
  deepEqual(seen[1]?.body, { model: "m/1", max_tokens: 6 });
});

test("what a request may still cost is reserved while it runs, and free again when it has ended", async (t) => {
  const bench = await openBench(t, { budgetUsd: 1 });
  const body = { messages: [], max_tokens: 1_000 };
  const worst = inputUsd(bytesOf(body)) + 0.01;
  bench.provider.answer = (response) => {
    ok(Math.abs(bench.gateway.reservedOf("t") - worst) < 1e-6, `${bench.gateway.reservedOf("t")}, not ${worst}`);
    json(response, 200, { usage: { prompt_tokens: 100, completion_tokens: 10 } });
  };
  equal((await ask((await grantUrl(bench, "chat/m/1")) + path, body)).status, 200);
  deepEqual([bench.gateway.reservedOf("t"), bench.gateway.spentOf("t")], [0, 0.0002]);
});

test("a request that others leave no room for waits for theirs to end; when they do not, it gets 429 and may try again", async (t) => {
  const bench = await openBench(t, { budgetUsd: 0.05, limits: { budgetWaitMs: 100 } });
  const reached = Promise.withResolvers<ServerResponse>();
  bench.provider.answer = reached.resolve;
  const [one, two] = [await grantUrl(bench, "chat/m/1", "a"), await grantUrl(bench, "chat/m/1", "b")];
  const first = ask(one + path, { max_tokens: 5_000 });
  const answer = await reached.promise;
  const late = await ask(two + path, { max_tokens: 5_000 });
  deepEqual([late.status, late.headers.get("retry-after")], [429, "5"]);
  match(await late.text(), /is reserved by other requests; try again/);
  const second = ask(two + path, { max_tokens: 500 });
  bench.provider.answer = (response) => json(response, 200, {});
  json(answer, 200, { usage: { prompt_tokens: 1, completion_tokens: 1 } });
  deepEqual([(await first).status, (await second).status], [200, 200]);
});

test("an agent that leaves the line, and one whose grant is revoked there, send nothing", async (t) => {
  const bench = await openBench(t, { budgetUsd: 0.06 });
  const reached = Promise.withResolvers<ServerResponse>();
  bench.provider.answer = reached.resolve;
  const urls = await Promise.all(["a", "b", "c"].map((attempt) => grantUrl(bench, "chat/m/1", attempt)));
  const first = ask(urls[0] + path, { max_tokens: 5_000 });
  const answer = await reached.promise;
  const leaving = new AbortController();
  const left = ask(urls[1] + path, { max_tokens: 5_000 }, leaving.signal);
  const revoked = ask(urls[2] + path, { max_tokens: 5_000 });
  // Time enough for both to stand in line; all holds as well where they do not yet.
  for (let turn = 0; turn < 10; turn++) await ask(urls[0] + path, { model: "another" });
  leaving.abort();
  await rejects(left);
  bench.gateway.revoke("c");
  equal((await revoked).status, 401);
  json(answer, 200, {});
  await first;
  equal(bench.provider.seen.length, 1);
  equal(bench.gateway.reservedOf("t"), 0);
});

test("a provider that bills more than it may is charged in full, counted and logged", async (t) => {
  const bench = await openBench(t, { budgetUsd: 0.1 });
  bench.provider.answer = (response) => json(response, 200, { usage: { prompt_tokens: 0, completion_tokens: 20_000 } });
  const url = (await grantUrl(bench, "chat/m/1")) + path;
  equal((await ask(url, { max_tokens: 2_000 })).status, 200);
  equal(bench.gateway.spentOf("t"), 0.2);
  ok(bench.gateway.overrunOf("t") > 0.17);
  match(bench.lines.join(), /^team t: a provider billed 0\.17\d* USD more than the request allowed$/);
  equal((await ask(url, { max_tokens: 2_000 })).status, 402);
});

test("an estimate is never above what was reserved", async (t) => {
  const bench = await openBench(t, { budgetUsd: 1 });
  const words = Array.from({ length: 500 }, () => ({ choices: [{ delta: { content: "w" } }] }));
  bench.provider.answer = (response) => stream(response, words) ?? response.end();
  await (await ask((await grantUrl(bench, "chat/m/1")) + path, { max_tokens: 100, stream: true })).text();
  ok(bench.gateway.spentOf("t") < 0.01);
  deepEqual([bench.gateway.overrunOf("t"), bench.gateway.reservedOf("t")], [0, 0]);
});

test("a model without a price is never held up, even when the budget is spent", async (t) => {
  const bench = await openBench(t);
  bench.gateway.openTeam({ id: "t", limit: { usd: 1, tokens: null }, spent: { usd: 1, tokens: 0 } });
  bench.provider.answer = (response) => json(response, 200, { usage: { prompt_tokens: 9, completion_tokens: 9 } });
  equal((await ask((await grantUrl(bench, "chat/free")) + path, { model: "free" })).status, 200);
  equal((await ask((await grantUrl(bench, "chat/m/1", "b")) + path, {})).status, 402);
});

test("a request that has no bound is refused to a team with a budget alone", async (t) => {
  const bench = await openBench(t, { budgetUsd: 1 });
  bench.provider.answer = (response) => json(response, 200, {});
  const url = `${await grantUrl(bench, "resp/m/1")}/responses`;
  const refused = await ask(url, { previous_response_id: "r" });
  equal(refused.status, 403);
  match(await refused.text(), /nobody can tell what this request may cost.*previous_response_id/);
  bench.gateway.openTeam({ id: "t", limit: { usd: null, tokens: null }, spent: { usd: 0, tokens: 0 } });
  equal((await ask(url, { previous_response_id: "r" })).status, 200);
});

test("planning reserves too, and what is left caps its answer", async (t) => {
  const bench = await openBench(t, { budgetUsd: 0.05 });
  bench.provider.answer = (response, { body }) => {
    ok(Number(body.max_tokens) < 5_000);
    ok(bench.gateway.reservedOf("t") > 0.04, String(bench.gateway.reservedOf("t")));
    json(response, 200, { choices: [], usage: { prompt_tokens: 0, completion_tokens: body.max_tokens } });
  };
  const request = {
    model: "chat/m/1",
    team: "t",
    messages: [{ role: "user" as const, text: "Plan." }],
    maxTokens: 64_000,
  };
  await bench.gateway.complete(request);
  ok(bench.gateway.spentOf("t") <= 0.05);
  await rejects(bench.gateway.complete(request), { code: "BUDGET_EXHAUSTED", message: /^out of budget/ });
});

test("a budget that is nearly used up has one last turn, short, without tools and said to be the last; then 402", async (t) => {
  const bench = await openBench(t, { budgetUsd: 0.05 });
  const seen: Seen[] = [];
  bench.provider.answer = (response, one) => {
    seen.push(one);
    json(response, 200, { usage: { prompt_tokens: 100, completion_tokens: one.body.max_tokens } });
  };
  const url = (await grantUrl(bench, "chat/m/1")) + path;
  const body = { messages: [{ role: "user", content: "hi" }], tools: [{ type: "function" }], max_tokens: 64_000 };
  const statuses = [];
  do statuses.push((await ask(url, body)).status);
  while (statuses.at(-1) === 200);
  equal(statuses.at(-1), 402);
  const last = seen.at(-1)?.body as { messages: Fields[]; tool_choice: string; max_tokens: number };
  equal(last.tool_choice, "none");
  match(String(last.messages.at(-1)?.content), /this is your last turn/);
  ok(last.max_tokens <= 1_024 && last.max_tokens >= 256, `${last.max_tokens}`);
  equal(seen.filter(({ body }) => body.tool_choice === "none").length, 1);
  ok(bench.gateway.isEnded("a"));
  ok(bench.gateway.spentOf("t") <= 0.05);
});

test("tokens are limited beside money, also where a model has no price", async (t) => {
  const bench = await openBench(t);
  bench.gateway.openTeam({ id: "t", limit: { usd: null, tokens: 10_000 }, spent: { usd: 0, tokens: 0 } });
  let used = 0;
  bench.provider.answer = (response, { body }) => {
    used += 900 + Number(body.max_tokens);
    const usage = {
      prompt_tokens: 900,
      prompt_tokens_details: { cached_tokens: 800 },
      completion_tokens: body.max_tokens,
    };
    json(response, 200, { usage });
  };
  const url = (await grantUrl(bench, "chat/free")) + path;
  const messages = [{ role: "user", content: "hi" }];
  let answer = await ask(url, { model: "free", messages, max_tokens: 2_000 });
  for (let i = 0; i < 9 && answer.status === 200; i++)
    answer = await ask(url, { model: "free", messages, max_tokens: 2_000 });
  equal(answer.status, 402);
  ok(used <= 10_000 && used > 7_000, `${used} tokens`);
});

test("a task's budget holds over its attempts, and leaves the team's to others", async (t) => {
  const bench = await openBench(t, { budgetUsd: 1 });
  bench.provider.answer = (response, { body }) =>
    json(response, 200, { usage: { prompt_tokens: 0, completion_tokens: body.max_tokens } });
  const taskLimit = { usd: 0.05, tokens: null };
  const urlOf = async (attempt: string, task: string, limit: Limit = taskLimit) =>
    (await bench.gateway.grant({ attempt, task, agent: "g", team: "t", model: "chat/m/1", taskLimit: limit })).url +
    path;
  const first = await urlOf("t/k/1", "t/k");
  equal((await ask(first, {})).status, 200);
  const refused = await ask(first, {});
  equal(refused.status, 402);
  match(await refused.text(), /of the task's budget of 0\.05 USD/);
  equal((await ask(await urlOf("t/k/2", "t/k"), {})).status, 402);
  equal((await ask(await urlOf("t/l/1", "t/l", { usd: null, tokens: null }), {})).status, 200);
  ok(bench.gateway.spentOf("t") > 0.05);
});

test("a request that continues one that was billed is bounded by that bill and its new bytes", async (t) => {
  const bench = await openBench(t, { budgetUsd: 100 });
  const reserved: number[] = [];
  bench.provider.answer = (response, { body }) => {
    reserved.push(bench.gateway.reservedOf("t"));
    const input = Math.ceil(JSON.stringify(body).length / 4);
    json(response, 200, { usage: { prompt_tokens: input, completion_tokens: 1 } });
  };
  const url = (await grantUrl(bench, "chat/m/1")) + path;
  const first = { messages: [{ role: "user", content: "word ".repeat(20_000) }], max_tokens: 100 };
  const second = { ...first, messages: [...first.messages, { role: "assistant", content: "done ".repeat(200) }] };
  for (const body of [first, second, { ...second, messages: second.messages.slice(1) }]) await ask(url, body);
  const tokens = reserved.map((usd) => Math.round((usd - 0.001) / 2e-6));
  equal(tokens[0], bytesOf(first) + 1_024);
  ok(Math.abs((tokens[1] ?? 0) - (Math.ceil(bytesOf(first) / 4) + 1_000 + 512)) < 100, `${tokens[1]}`);
  // What is not in it any more does not make it dearer than its own bytes.
  ok((tokens[2] ?? 0) <= bytesOf({ ...second, messages: second.messages.slice(1) }) + 1_024, `${tokens[2]}`);
});

test("prices that are given take the place of those in pi's list, and what is not given stays", async (t) => {
  const models = { "m/1": { outputUsd: 100, cacheReadUsd: 0 } };
  const bench = await openBench(t, { providers: { chat: { models } } });
  const usage = {
    prompt_tokens: 1_000_000,
    prompt_tokens_details: { cached_tokens: 500_000 },
    completion_tokens: 10_000,
  };
  bench.provider.answer = (response) => json(response, 200, { usage });
  await (await ask((await grantUrl(bench, "chat/m/1")) + path, {})).text();
  equal(bench.gateway.spentOf("t").toFixed(6), "1.500000");
});
