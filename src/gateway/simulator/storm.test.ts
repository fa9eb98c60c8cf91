/** What the limits promise, by the shipped passage in virtual time. `npm run bench -- limits` has the figures. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { SimulatedAccount, type Verdict } from "./account.ts";
import { storm } from "./storm.testing.ts";
import { Traffic } from "./traffic.testing.ts";

for (const says of ["openai", "anthropic", "bare", "mute"] as const) {
  test(`200 agents on 60 requests a minute waste under 2% and lose under a tenth of the time: ${says}, told nothing`, async () => {
    const result = await storm({ agents: 200, turns: 3, says, requestsPerMinute: 60, seed: 1 });
    equal(result.finished, 200);
    equal(result.accepted, 600);
    ok(result.refused < 0.02 * (result.accepted + result.refused), `${result.refused} were refused`);
    ok(result.tookMs < 1.1 * result.boundMs, `${result.tookMs} ms of at least ${result.boundMs}`);
  });
}

for (const says of ["bare", "mute"] as const) {
  test(`a 429 that means nothing, early on, does not become the limit: ${says}`, async () => {
    const result = await storm({ agents: 200, turns: 10, says, requestsPerMinute: 600, seed: 1, stray: 5 });
    equal(result.finished, 200);
    ok(result.refused < 0.02 * (result.accepted + result.refused), `${result.refused} were refused`);
    ok(result.tookMs < 1.1 * result.boundMs, `${result.tookMs} ms of at least ${result.boundMs}`);
  });
}

test("a provider that falls amid answers that end well fails nobody, though more fail than may be repeated at once", async () => {
  const down: [number, number] = [2_000, 62_000];
  const result = await storm({ agents: 200, turns: 2, says: "openai", requestsPerMinute: 60_000, seed: 2, down });
  equal(result.finished, 200);
});

test("a provider that is down for a minute fails nobody, and is not hammered meanwhile", async () => {
  const down: [number, number] = [2_000, 62_000];
  const result = await storm({ agents: 100, turns: 10, says: "openai", requestsPerMinute: 6_000, seed: 1, down });
  equal(result.finished, 100);
  // Those under way when it fell, and then one probe at a time.
  ok(result.unreachable < 130, `${result.unreachable} requests met no provider`);
});

for (const agents of [1, 3]) {
  test(`an outage of three hours ends no request of ${agents}, however often it was tried, and counts as time that was waited`, async () => {
    const back = 3 * 3_600_000;
    let tried = 0;
    const traffic: Traffic = new Traffic({
      provider: (at) => {
        if (at >= back) return { status: 200, headers: {} };
        tried += 1;
        return "down";
      },
    });
    const asked = Array.from({ length: agents }, (_, i) => traffic.ask(`a${i}`));
    const answers = await traffic.until(Promise.all(asked));
    ok(answers.every(({ status, at }) => status === 200 && at >= back && at < back + 60_000));
    ok(tried > 100, `only ${tried} tries: nobody would have noticed that it is back`);
    for (let i = 0; i < agents; i++) ok(traffic.parkedMsOf(`a${i}`) >= back - 1_000);
  });
}

test("a request that alone fails, while others are answered, is given up after its repeats", async () => {
  let isOver = false;
  const traffic: Traffic = new Traffic({
    provider: (_, __, attempt) => (attempt === "poison" ? "down" : { status: 200, headers: {} }),
  });
  const other = async (attempt: string): Promise<void> => {
    while (!isOver) await traffic.ask(attempt);
  };
  const others = Array.from({ length: 20 }, (_, i) => other(`a${i}`));
  const answer = await traffic.until(traffic.ask("poison"));
  equal(answer.status, 502);
  isOver = true;
  await traffic.until(Promise.all(others));
});

test("a quota that is used up until a time parks all who share it; nobody asks before", async () => {
  const account = new SimulatedAccount({ requestsPerMinute: 600, says: "bare" });
  const asked: number[] = [];
  const hour = 3_600_000;
  account.exhaustUntil(hour);
  const traffic: Traffic = new Traffic({
    provider: (at) => {
      asked.push(at);
      return account.ask(at);
    },
  });
  const all = Promise.all(Array.from({ length: 30 }, (_, i) => traffic.ask(`a${i}`)));
  await traffic.until(traffic.pause(10_000));
  const waiting = traffic.line.list();
  equal(waiting.length, 30);
  ok(waiting.every(({ why, until }) => why === "the quota of acme is used up" && until !== null && until >= hour));
  const early = asked.length;
  ok((await traffic.until(all)).every(({ status, at }) => status === 200 && at > hour));
  // A few were under way when the first heard of it.
  ok(early <= 16, `${early} asked`);
  deepEqual(
    asked.slice(early).filter((at) => at < hour),
    [],
  );
});

test("an account of two gets the requests while the other is parked, and both share them otherwise", async () => {
  const tooMany: Verdict = { status: 429, headers: { "retry-after": "600" } };
  const fine: Verdict = { status: 200, headers: {} };
  const spent = new Set<string>(["acme (ACME_2_KEY)"]);
  const by = new Map<string, number>();
  const traffic: Traffic = new Traffic({
    providers: { acme: { accounts: ["ACME_2_KEY"], requestsPerMinute: 600 } },
    provider: (_, { account }) => {
      const name = account === null ? "acme" : `acme (${account})`;
      by.set(name, (by.get(name) ?? 0) + 1);
      return spent.has(name) ? tooMany : fine;
    },
  });
  const many = (count: number) => Promise.all(Array.from({ length: count }, (_, i) => traffic.ask(`a${i}`)));
  ok((await traffic.until(many(40))).every(({ status, at }) => status === 200 && at < 60_000));
  ok((by.get("acme (ACME_2_KEY)") ?? 0) < 40);
  spent.clear();
  by.clear();
  await traffic.until(traffic.pause(700_000));
  await traffic.until(many(5));
  await traffic.until(many(100));
  ok([...by.values()].length === 2 && Math.min(...by.values()) > 20, JSON.stringify([...by]));
});

test("the same model elsewhere stands in for a provider that is out, then one of its tier, and none while it is only busy", async () => {
  const dead = new Set(["acme"]);
  const traffic: Traffic = new Traffic({
    others: ["elsewhere/big", "cousin/other"],
    providers: {
      acme: { requestsPerMinute: 5, models: { big: { fallback: ["elsewhere/big"], tier: "large" } } },
      cousin: { models: { other: { tier: "large" } } },
    },
    provider: (_, { model }) => (dead.has(model.target.provider) ? "down" : { status: 200, headers: {} }),
  });
  const [first] = await traffic.until(Promise.all([traffic.ask("a")]));
  equal(first?.by, "elsewhere");
  dead.add("elsewhere");
  const [second] = await traffic.until(Promise.all([traffic.ask("a")]));
  equal(second?.by, "cousin");
  dead.clear();
  await traffic.until(traffic.pause(120_000));
  // The first that is let in closes the breaker.
  equal((await traffic.until(traffic.ask("a"))).by, "acme");
  const answered = await traffic.until(Promise.all(Array.from({ length: 12 }, (_, i) => traffic.ask(`b${i}`))));
  deepEqual(new Set(answered.map(({ by }) => by)), new Set(["acme"]));
});

test("once all is out, the model that a person allows answers the team that asked, also those who wait already", async () => {
  const traffic: Traffic = new Traffic({
    others: ["elsewhere/big"],
    provider: (_, { model }) => (model.target.provider === "acme" ? "down" : { status: 200, headers: {} }),
  });
  const ask = (team: string) => Array.from({ length: 5 }, (_, i) => traffic.ask(`${team}${i}`, team));
  const [asked, others] = [Promise.all(ask("asked")), Promise.all(ask("others"))];
  await traffic.until(traffic.pause(60_000));
  const waiting = traffic.line.list();
  // One of the ten is trying, maybe.
  ok(
    waiting.length >= 9 && waiting.every(({ isOut, why }) => isOut && why === "acme is down"),
    JSON.stringify(waiting),
  );
  traffic.standIn("asked", "elsewhere/big");
  deepEqual(
    (await traffic.until(asked)).map(({ status, by }) => `${status} ${by}`),
    Array.from({ length: 5 }, () => "200 elsewhere"),
  );
  ok(traffic.line.list().length >= 4);
  ok(traffic.line.list().every(({ team }) => team === "others"));
  traffic.standIn("others", "elsewhere/big");
  ok((await traffic.until(others)).every(({ by }) => by === "elsewhere"));
});

test("a team of two is not starved by a team of a hundred", async () => {
  const account = new SimulatedAccount({ requestsPerMinute: 60, says: "openai" });
  const traffic: Traffic = new Traffic({
    providers: { acme: { requestsPerMinute: 60 } },
    provider: (at) => account.ask(at),
  });
  const crowd = Promise.all(Array.from({ length: 300 }, (_, i) => traffic.ask(`c${i}`, "crowd")));
  const few = Promise.all([traffic.ask("f1", "few"), traffic.ask("f2", "few")]);
  // The first minute's room went to the crowd, which came first; the few are next, beside it.
  ok((await traffic.until(few)).every(({ at }) => at < 75_000));
  await traffic.until(crowd);
});

test("an agent that goes away gives its place in the line back, also at its head", async () => {
  const traffic: Traffic = new Traffic({
    providers: { acme: { concurrency: 1 } },
    provider: () => ({ status: 200, headers: {} }),
  });
  const leaving = new AbortController();
  const first = traffic.ask("a");
  const second = traffic.ask("b", "t", leaving.signal);
  const third = traffic.ask("c");
  await traffic.until(traffic.pause(100));
  equal(traffic.line.list().length, 2);
  leaving.abort();
  equal((await traffic.until(second)).status, 0);
  equal((await traffic.until(third)).status, 200);
  equal((await traffic.until(first)).status, 200);
  equal(traffic.sent, 2);
});
