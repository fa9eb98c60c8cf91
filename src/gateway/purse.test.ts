import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import fc from "../lib/properties.testing.ts";
import { noMoney } from "../model/budget.ts";
import type { Claim } from "./claim.ts";
import { type Blocked, Purse, type Reservation } from "./purse.ts";
import { isReserved, type Outcome, WaitingLines } from "./waiting-line.ts";

const waitMs = 1_000;

interface Setting {
  purse: Purse;
  clock: ManualClock;
  overruns: number[];
  /** For an attempt of its own, unless one is given. */
  reserve(claim: Claim, given?: { signal?: AbortSignal; by?: Purse }): Promise<Outcome>;
}

const never = new AbortController().signal;

function setting(usd: number | null, given: { grants?: number; maxWaiting?: number } = {}): Setting {
  const clock = new ManualClock();
  const overruns: number[] = [];
  const purse = new Purse({
    scope: "team",
    id: "t",
    limit: { usd, tokens: null },
    onOverrun: (beyond) => overruns.push(beyond),
  });
  purse.grants = given.grants ?? 1;
  const lines = new WaitingLines({ clock, waitMs, maxWaiting: given.maxWaiting ?? 100 });
  return {
    purse,
    clock,
    overruns,
    reserve: async (claim, { signal = never, by = attempt(purse) } = {}) => lines.reserve(by, claim, () => signal),
  };
}

function attempt(above: Purse, usd: number | null = null): Purse {
  const purse = new Purse({ scope: "attempt", id: "a", above, limit: { usd, tokens: null } });
  purse.grants = 1;
  return purse;
}

/** A request of one dollar a token, so that money can be counted on fingers. */
function claim(wanted: number, given: Partial<Claim> = {}): Claim {
  const least = Math.min(wanted, 10);
  return { inputUsd: 0, usdPerToken: 1, inputTokens: 0, answers: 1, wanted, least, spare: noMoney, ...given };
}

function held(outcome: Outcome | Blocked): Reservation {
  ok(isReserved(outcome), `not reserved: ${isReserved(outcome) || outcome.why}`);
  return outcome;
}

/** Why it was not reserved. */
function why(outcome: Outcome | Blocked): string {
  return isReserved(outcome) ? "reserved" : outcome.why;
}

/** A settlement of money alone. */
const usd = (amount: number) => ({ usd: amount, tokens: 0 });

type Step =
  | { type: "ask"; agent: number; inputUsd: number; usdPerToken: number; wanted: number; least: number }
  | { type: "settle"; which: number; part: number }
  | { type: "release"; which: number }
  | { type: "abort"; which: number }
  | { type: "pass"; ms: number }
  | { type: "grants"; grants: number }
  | { type: "reopen" };

const nat = fc.nat({ max: 1_000 });
const dollars = fc.double({ min: 0, max: 0.5, noNaN: true });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant("ask" as const),
        agent: fc.nat({ max: 19 }),
        inputUsd: dollars,
        usdPerToken: fc.double({ min: 0, max: 1e-3, noNaN: true }),
        wanted: fc.integer({ min: 1, max: 64_000 }),
        least: fc.integer({ min: 1, max: 2_000 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant("settle" as const),
        which: nat,
        part: fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("release" as const), which: nat }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("abort" as const), which: nat }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.nat({ max: 700 }) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("grants" as const), grants: fc.nat({ max: 20 }) }) },
    { weight: 1, arbitrary: fc.constant({ type: "reopen" as const }) },
  ),
  { maxLength: 200 },
);

test("an attempt that has given everything back holds nothing, to the last digit", () => {
  const { purse } = setting(1);
  const one = attempt(purse);
  const asked = [1.4012018074166526e-45, 3.313979721482163e-49].map((inputUsd) =>
    held(one.reserve(claim(1, { inputUsd, usdPerToken: 0, least: 1 }))),
  );
  held(attempt(purse).reserve(claim(1, { inputUsd: 0, usdPerToken: 0, least: 1 })));
  for (const reservation of asked) one.release(reservation);
  equal(one.reserved.usd, 0);
});

test("spent + reserved never exceeds the budget, however requests, bills, failures and departures interleave", async () => {
  const budgets = fc.double({ min: 0.001, max: 20, noNaN: true });
  await fc.assert(
    fc.asyncProperty(budgets, steps, async (budgetUsd, all) => {
      const run = new Run(budgetUsd);
      for (const step of all) {
        run.take(step);
        await run.look();
      }
      await run.end();
    }),
    { numRuns: 500 },
  );
});

/** Many agents on one purse. */
class Run {
  private readonly budgetUsd: number;
  private readonly at: Setting;
  private readonly attempts: Purse[];
  private readonly held: Reservation[] = [];
  private readonly waiting = new Set<AbortController>();
  private billed = 0;

  constructor(budgetUsd: number) {
    this.budgetUsd = budgetUsd;
    this.at = setting(budgetUsd, { maxWaiting: 30 });
    this.attempts = Array.from({ length: 20 }, () => attempt(this.at.purse));
  }

  take(step: Step): void {
    const { purse, clock } = this.at;
    switch (step.type) {
      case "ask":
        return this.ask(step);
      case "settle":
      case "release": {
        const reservation = this.held.splice(step.which % Math.max(1, this.held.length), 1)[0];
        if (!reservation) return;
        if (step.type === "release") return reservation.purse.release(reservation);
        this.billed += reservation.usd * step.part;
        return reservation.purse.settle(reservation, usd(reservation.usd * step.part));
      }
      case "abort":
        return [...this.waiting][step.which % Math.max(1, this.waiting.size)]?.abort();
      case "pass":
        return clock.pass(step.ms);
      case "grants":
        purse.grants = step.grants;
        return;
      case "reopen":
        // An engine that has come back knows less.
        return purse.reopen({ usd: this.budgetUsd, tokens: null }, usd(this.billed / 2));
    }
  }

  private ask({ agent, ...claim }: Extract<Step, { type: "ask" }>): void {
    const leaving = new AbortController();
    this.waiting.add(leaving);
    const least = Math.min(claim.least, claim.wanted);
    const whole = { ...claim, inputTokens: 0, answers: 1, least, spare: noMoney };
    void this.at.reserve(whole, { signal: leaving.signal, by: this.attempts[agent] }).then((outcome) => {
      this.waiting.delete(leaving);
      if (!isReserved(outcome)) return;
      ok(outcome.tokens >= whole.least && outcome.tokens <= whole.wanted);
      this.held.push(outcome);
    });
  }

  async look(): Promise<void> {
    for (let i = 0; i < 4; i++) await null;
    const { purse, overruns } = this.at;
    ok(purse.spent.usd + purse.reserved.usd <= this.budgetUsd, `${purse.spent.usd} + ${purse.reserved.usd}`);
    ok(Math.abs(purse.spent.usd - this.billed) < 1e-9);
    deepEqual(overruns, []);
  }

  /** All that is under way ends; nobody is left waiting, and nothing reserved. */
  async end(): Promise<void> {
    this.at.clock.pass(waitMs);
    await this.look();
    while (this.held.length > 0) this.take({ type: "settle", which: 0, part: 1 });
    await this.look();
    equal(this.waiting.size, 0);
    equal(this.at.purse.reserved.usd, 0);
    deepEqual(new Set(this.attempts.map(({ reserved }) => reserved.usd)), new Set([0]));
  }
}

test("a bill above its reservation is taken in full, counted and told", () => {
  const { purse, overruns } = setting(100);
  purse.settle(held(purse.reserve(claim(60))), usd(150));
  deepEqual([purse.spent.usd, purse.reserved.usd, purse.overrunUsd, overruns], [150, 0, 90, [90]]);
  equal(why(purse.reserve(claim(1))), "spent");
});

test("a budget that is set below what is gone lets nothing more out, and is no fault of ours", () => {
  const { purse } = setting(1_000);
  const reservation = held(purse.reserve(claim(600)));
  purse.reopen({ usd: 100, tokens: null }, usd(50));
  equal(why(purse.reserve(claim(60))), "reserved");
  purse.settle(reservation, usd(600));
  equal(why(purse.reserve(claim(1))), "spent");
});

test("output is cut to a fair share of what is not spent, less what the holder has reserved, but not below 4,096", () => {
  const { purse } = setting(100_000, { grants: 10 });
  const one = attempt(purse);
  const first = held(one.reserve(claim(64_000)));
  equal(first.tokens, 9_999); // a tenth, less the billionth that is kept back
  equal(held(one.reserve(claim(64_000))).tokens, 4_096);
  equal(held(one.reserve(claim(500))).tokens, 500);
  one.settle(first, noMoney);
  purse.grants = 1;
  equal(held(attempt(purse).reserve(claim(64_000))).tokens, 64_000);
});

test("N agents on a budget of N requests all get one, the last as whole as the first", () => {
  const { purse } = setting(50 * 5_000 * 1.000001, { grants: 50 });
  const tokens = Array.from({ length: 50 }, () => held(attempt(purse).reserve(claim(64_000))).tokens);
  deepEqual(new Set(tokens), new Set([5_000]));
});

test("what fits only beside less waits its turn, first come first served, and a small one does not overtake", async () => {
  const { reserve } = setting(10_000, { grants: 100 });
  const first = held(await reserve(claim(6_000, { least: 6_000 })));
  const order: string[] = [];
  const large = reserve(claim(9_000, { least: 9_000 })).then((outcome) => {
    order.push("large");
    return held(outcome);
  });
  const small = reserve(claim(100)).then((outcome) => {
    order.push("small");
    return held(outcome);
  });
  first.purse.settle(first, usd(500));
  equal((await large).tokens, 9_000);
  equal((await small).tokens, 100);
  deepEqual(order, ["large", "small"]);
});

test("after its time a request takes what is left if that is of use, and else is late; not before", async () => {
  const { clock, reserve } = setting(10_000, { grants: 10 });
  held(await reserve(claim(8_000, { least: 8_000 })));
  const useful = reserve(claim(64_000, { least: 1_000 }));
  const useless = reserve(claim(64_000, { least: 5_000 }));
  let ended = 0;
  void useful.then(() => ended++);
  clock.pass(waitMs - 1);
  await null;
  equal(ended, 0);
  clock.pass(1);
  equal(held(await useful).tokens, 1_999);
  equal(why(await useless), "late");
});

test("a request that can no longer fit is told so as soon as the money is spent; a full line refuses at once", async () => {
  const { reserve } = setting(10_000, { maxWaiting: 1, grants: 10 });
  const first = held(await reserve(claim(8_000, { least: 8_000 })));
  const second = reserve(claim(6_000, { least: 6_000 }));
  equal(why(await reserve(claim(6_000, { least: 6_000 }))), "full");
  first.purse.settle(first, usd(8_000));
  equal(why(await second), "spent");
});

test("who leaves the line makes room for the next", async () => {
  const { reserve } = setting(10_000, { grants: 10 });
  held(await reserve(claim(6_000, { least: 6_000 })));
  const leaving = new AbortController();
  const large = reserve(claim(9_000, { least: 9_000 }), { signal: leaving.signal });
  const small = reserve(claim(3_000));
  leaving.abort();
  equal(why(await large), "gone");
  equal(held(await small).tokens, 3_000);
});
