import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import fc from "../lib/properties.testing.ts";
import { type Random, seededRandom } from "../lib/random.ts";
import { type Limit, moneyOf, noMoney } from "../model/budget.ts";
import { noUsage, type Usage } from "../model/usage.ts";
import type { Claim } from "./claim.ts";
import { type Charge, Ledger } from "./ledger.ts";
import { type Entry, memoryLedger } from "./ledger-entries.ts";
import type { Account, Spender } from "./scopes.ts";
import { isReserved, WaitingLines } from "./waiting-line.ts";

const none: Limit = { usd: null, tokens: null };
const usage = (costUsd: number, output = 0): Usage => ({ ...noUsage, requests: 1, output, costUsd });
const nameOf = (spender: Spender) => ("attempt" in spender ? spender.attempt : `planning of ${spender.planningOf}`);
const claim = (wanted: number): Claim => ({
  inputUsd: 0.001,
  usdPerToken: 1e-5,
  inputTokens: 100,
  answers: 1,
  wanted,
  least: Math.min(wanted, 100),
  spare: noMoney,
});

function begin(ledger: Ledger, account: Account, wanted = 1_000): Charge {
  const held = account.purse.reserve(claim(wanted));
  ok(isReserved(held));
  return ledger.begin(account, held, usage(held.usd, held.tokens));
}

test("what was under way when the process died is charged at its worst case, to every scope around it, once", () => {
  const entries: Entry[] = [];
  const clock = new ManualClock();
  const first = new Ledger({ store: memoryLedger(entries), clock });
  first.openTeam({ id: "t", limit: none, spent: noMoney });
  const account = first.account({ attempt: "t/k/1", task: "t/k", team: "t" });
  first.settle(begin(first, account), usage(0.002));
  begin(first, account);
  for (const life of [1, 2, 3]) {
    const next = new Ledger({ store: memoryLedger(entries), clock });
    equal(next.purseOf("t")?.spent.usd.toFixed(6), (0.002 + 0.011).toFixed(6), `life ${life}`);
    const told: [string, number][] = [];
    next.recover((spender, { costUsd }) => told.push([nameOf(spender), costUsd]) > 0);
    deepEqual(told, [["t/k/1", 0.013]]);
    deepEqual(
      next.shared.map(({ spent }) => spent.usd),
      [0.013, 0.013],
    );
  }
});

test("what planning has taken, and what was under way of it when the process died, is told apart from all attempts, once", () => {
  const entries: Entry[] = [];
  const clock = new ManualClock();
  const first = new Ledger({ store: memoryLedger(entries), clock });
  first.openTeam({ id: "t", limit: none, spent: noMoney });
  first.settle(begin(first, first.account({ attempt: "t/k/1", task: "t/k", team: "t" })), usage(0.002));
  const plan = () => first.account({ attempt: null, team: "t" });
  first.settle(begin(first, plan()), usage(0.001));
  equal(first.plannedOf("t").costUsd, 0.001);
  begin(first, plan());
  for (const life of [1, 2, 3]) {
    const next = new Ledger({ store: memoryLedger(entries), clock });
    const told: [string, string][] = [];
    next.recover((spender, { costUsd }) => told.push([nameOf(spender), costUsd.toFixed(3)]) > 0);
    deepEqual(
      told,
      [
        ["t/k/1", "0.002"],
        ["planning of t", "0.012"],
      ],
      `life ${life}`,
    );
    equal(next.purseOf("t")?.spent.usd.toFixed(3), "0.014");
  }
  // Of a closed team it is told once more. What an older version wrote of planning says nothing of whose it is.
  const old: Entry = { type: "spent", attempt: null, task: null, team: "u", usage: usage(0.5) };
  entries.push({ type: "closed", team: "t" }, old);
  const told = [1, 2].map(() => {
    const names: string[] = [];
    new Ledger({ store: memoryLedger(entries), clock }).recover((spender) => names.push(nameOf(spender)) > 0);
    return names;
  });
  deepEqual(told, [["t/k/1", "planning of t"], []]);
  const after = new Ledger({ store: memoryLedger(entries), clock });
  deepEqual([after.purseOf("t")?.spent.usd.toFixed(3), after.purseOf("u")?.spent.usd], ["0.014", 0.5]);
});

test("attempts of a closed team are told once more, and then only its sum is kept", () => {
  const entries: Entry[] = [];
  const clock = new ManualClock();
  const open = () => new Ledger({ store: memoryLedger(entries), clock });
  const first = open();
  first.openTeam({ id: "t", limit: none, spent: noMoney });
  first.settle(begin(first, first.account({ attempt: "t/k/1", task: "t/k", team: "t" })), usage(0.002));
  first.closeTeam("t");
  const told: string[][] = [];
  const recover = (safe: boolean) => {
    const attempts: string[] = [];
    open().recover((spender) => attempts.push(nameOf(spender)) > 0 && safe);
    told.push(attempts);
  };
  for (const safe of [false, true, true]) recover(safe);
  deepEqual(told, [["t/k/1"], ["t/k/1"], []]);
  equal(open().purseOf("t")?.spent.usd, 0.002);
});

test("an hour's budget is full again when the hour turns, whoever waited for it goes on, and what ran then counts in it", async () => {
  const clock = new ManualClock();
  const ledger = new Ledger({ store: memoryLedger(), clock });
  const lines = new WaitingLines({ clock, waitMs: 60_000, maxWaiting: 10 }, ledger.shared);
  ledger.limit({ usd: 0.02, tokens: null }, none);
  ledger.openTeam({ id: "t", limit: none, spent: noMoney });
  const one = ledger.account({ attempt: "t/k/1", task: "t/k", team: "t" });
  const two = ledger.account({ attempt: "t/l/1", task: "t/l", team: "t" });
  ledger.settle(begin(ledger, one, 1_800), usage(0.0195));
  equal(one.purse.spentIn, undefined);
  let ended = false;
  const waiting = Promise.resolve(lines.reserve(two.purse, claim(1_000), () => new AbortController().signal)).finally(
    () => {
      ended = true;
    },
  );
  clock.pass(3_599_999);
  await null;
  equal(ended, false);
  clock.pass(60_000);
  const held = await waiting;
  ok(isReserved(held));
  deepEqual(
    ledger.shared.map(({ spent }) => spent.usd),
    [0, 0.0195],
  );
});

interface Plan {
  seed: number;
  teams: number;
  teamUsd: number;
  hourUsd: number;
  fleetUsd: number;
  tokens: number | null;
}
const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  teams: fc.integer({ min: 1, max: 3 }),
  teamUsd: fc.double({ min: 0.05, max: 2, noNaN: true }),
  hourUsd: fc.double({ min: 0.05, max: 3, noNaN: true }),
  fleetUsd: fc.double({ min: 0.05, max: 3, noNaN: true }),
  tokens: fc.option(fc.integer({ min: 1_000, max: 400_000 })),
});

test("200 agents, crashes and late settlements: spent + reserved never exceeds the budget of any scope, and none is lost", async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => new Fleet(plan).run()),
    { numRuns: 60 },
  );
});

const [attemptUsd, taskUsd] = [0.02, 0.03];

/** A request at the provider, which outlives the gateway. */
interface Request {
  charge: Charge;
  life: number;
  mostUsd: number;
  mostTokens: number;
}

/** 200 agents of a few teams, the gateway that they ask, and the provider's own books. */
class Fleet {
  private readonly plan: Plan;
  private readonly random: Random;
  private readonly clock = new ManualClock();
  private readonly entries: Entry[] = [];
  private readonly running: Request[] = [];
  /** What the provider bills, by scope: USD and tokens. */
  private readonly billed = new Map<string, { usd: number; tokens: number }>();
  private life = 0;
  private ledger!: Ledger;
  private lines!: WaitingLines;

  constructor(plan: Plan) {
    this.plan = plan;
    this.random = seededRandom(plan.seed);
    this.start();
  }

  async run(): Promise<void> {
    for (let step = 0; step < 400; step++) {
      const roll = this.random.next();
      if (roll < 0.6) this.ask(Math.floor(this.random.next() * 200));
      else if (roll < 0.94) this.end(Math.floor(this.random.next() * this.running.length));
      else if (roll < 0.97) this.clock.pass(this.random.next() * 30_000);
      else this.start();
      for (let i = 0; i < 3; i++) await null;
      this.look();
    }
    while (this.running.length > 0) this.end(0);
    this.start();
    this.look();
  }

  /** The gateway dies, perhaps in the middle of a line, and another takes its place. The engine knows nothing of it. */
  private start(): void {
    this.life++;
    if (this.random.next() < 0.5 && this.entries.at(-1)?.type === "settled") this.entries.pop();
    const { clock, plan } = this;
    this.ledger = new Ledger({ store: memoryLedger(this.entries), clock });
    this.lines = new WaitingLines({ clock, waitMs: 60_000, maxWaiting: 100 }, this.ledger.shared);
    this.ledger.recover(() => this.random.next() < 0.7);
    this.ledger.limit({ usd: plan.hourUsd, tokens: null }, { usd: plan.fleetUsd, tokens: null });
    for (let team = 0; team < plan.teams; team++) {
      this.ledger.openTeam({ id: `t${team}`, limit: { usd: plan.teamUsd, tokens: plan.tokens }, spent: noMoney });
    }
  }

  private ask(agent: number): void {
    const team = `t${agent % this.plan.teams}`;
    const task = `${team}/k${agent >> 1}`;
    const [attemptLimit, taskLimit] = [attemptUsd, taskUsd].map((usd) => ({ usd, tokens: null }));
    // Some of it is planning.
    const asking = agent % 20 === 0 ? { attempt: null, team } : { attempt: `${task}/${agent}`, task, team };
    const account = this.ledger.account({ ...asking, ...(asking.attempt && { attemptLimit, taskLimit }) });
    const { life, ledger } = this;
    const asked = this.lines.reserve(
      account.purse,
      claim(1 + Math.floor(this.random.next() * 8_000)),
      () => new AbortController().signal,
    );
    void Promise.resolve(asked).then((held) => {
      // A gateway that is dead sends nothing.
      if (!isReserved(held) || life !== this.life) return;
      const charge = ledger.begin(account, held, usage(held.usd, held.counted));
      this.running.push({ charge, life, mostUsd: held.usd, mostTokens: held.counted });
    });
  }

  /** The provider bills up to all that the request allowed. Only the gateway that sent it hears of it. */
  private end(index: number): void {
    const [request] = this.running.splice(index, 1);
    if (!request) return;
    const { charge, life, mostUsd, mostTokens } = request;
    const part = this.random.next() < 0.3 ? 1 : this.random.next();
    const bill = usage(mostUsd * part, Math.floor(mostTokens * part));
    const { attempt, task, team } = charge.account;
    for (const scope of [attempt, task, team, "fleet"]) {
      if (scope === null) continue;
      const sum = this.billed.get(scope) ?? noMoney;
      const { usd, tokens } = moneyOf(bill);
      this.billed.set(scope, { usd: sum.usd + usd, tokens: sum.tokens + tokens });
    }
    if (life === this.life) this.ledger.settle(charge, bill);
  }

  private look(): void {
    const { plan, billed, ledger } = this;
    const bills = (scope: string) => billed.get(scope) ?? noMoney;
    ok(bills("fleet").usd <= plan.fleetUsd, `fleet: ${bills("fleet").usd} of ${plan.fleetUsd}`);
    for (const [scope, { usd }] of billed) {
      const limit = [attemptUsd, taskUsd][3 - scope.split("/").length];
      if (limit !== undefined) ok(usd <= limit, `${scope}: ${usd}`);
    }
    const [hour] = ledger.shared;
    ok(hour && hour.spent.usd + hour.reserved.usd <= plan.hourUsd, `hour: ${hour?.spent.usd} + ${hour?.reserved.usd}`);
    for (let team = 0; team < plan.teams; team++) {
      const { usd, tokens } = bills(`t${team}`);
      ok(usd <= plan.teamUsd && tokens <= (plan.tokens ?? Infinity), `t${team}: ${usd} USD, ${tokens} tokens`);
      const { spent, reserved } = ledger.purseOf(`t${team}`) ?? { spent: noMoney, reserved: noMoney };
      ok(spent.usd + reserved.usd <= plan.teamUsd && spent.tokens + reserved.tokens <= (plan.tokens ?? Infinity));
      ok(spent.usd + reserved.usd >= usd - 1e-9, `t${team}: ${usd} billed, ${spent.usd} + ${reserved.usd} known`);
    }
  }
}
