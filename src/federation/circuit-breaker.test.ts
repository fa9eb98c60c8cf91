import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "../lib/properties.testing.ts";
import { seededRandom } from "../lib/random.ts";
import { type BreakerOptions, CircuitBreaker, type FailureClass, type Permit } from "./circuit-breaker.ts";

const random = { next: () => 0 };

function breaker(options: Partial<BreakerOptions> = {}): CircuitBreaker {
  return new CircuitBreaker({ openMs: 1_000, maxOpenMs: 8_000, ...options }, random);
}

function acquire(subject: CircuitBreaker, at: number): Permit {
  const permit = subject.tryAcquire(at);
  ok(permit !== undefined, `no permit at ${at}`);
  return permit;
}

function fail(subject: CircuitBreaker, at: number, times = 1, failure: FailureClass = "infrastructure"): void {
  for (let i = 0; i < times; i++) subject.recordFailure(failure, acquire(subject, at), at);
}

test("opens at the third failure in a row, and not before", () => {
  const subject = breaker();
  fail(subject, 0, 2);
  subject.recordSuccess(acquire(subject, 0));
  fail(subject, 0, 2);
  equal(subject.state, "closed");
  fail(subject, 0);
  equal(subject.state, "open");
});

test("refuses while open, and gives one probe when its time is over, and not before", () => {
  const subject = breaker();
  fail(subject, 500, 3);
  equal(subject.retryAt, 1_500);
  equal(subject.canAccept(1_499.9), false);
  equal(subject.tryAcquire(1_499.9), undefined);
  ok(subject.canAccept(1_500));
  acquire(subject, 1_500);
  equal(subject.state, "half-open");
  equal(subject.tryAcquire(99_999), undefined);
});

test("closes when a probe succeeds, and opens for twice as long each time one fails, up to the cap", () => {
  const subject = breaker();
  fail(subject, 0, 3);
  let at = 0;
  for (const openMs of [1_000, 2_000, 4_000, 8_000, 8_000]) {
    equal(subject.retryAt, at + openMs);
    at += openMs;
    fail(subject, at);
  }
  at += 8_000;
  subject.recordSuccess(acquire(subject, at));
  equal(subject.state, "closed");
  fail(subject, at, 3);
  equal(subject.retryAt, at + 8_000, "one success does not make up for all");
});

test("adds up to a fifth of the open time by chance", () => {
  const late = new CircuitBreaker({ openMs: 1_000 }, { next: () => 0.999 });
  fail(late, 0, 3);
  ok((late.retryAt ?? 0) > 1_199 && (late.retryAt ?? 0) < 1_200);
});

test("an agent's is not tripped by tasks or providers, and a provider's by providers alone", () => {
  const cases: [BreakerOptions["guards"], FailureClass][] = [
    ["agent", "infrastructure"],
    ["provider", "provider"],
  ];
  for (const [guards, counted] of cases) {
    for (const failure of ["infrastructure", "provider", "task"] as const) {
      const subject = breaker({ guards });
      fail(subject, 0, 3, failure);
      equal(subject.state, failure === counted ? "open" : "closed", `${guards}: ${failure}`);
    }
  }
});

test("a probe that ends in a task's own failure frees its place and decides nothing", () => {
  const subject = breaker();
  fail(subject, 0, 3);
  fail(subject, 1_000, 1, "task");
  equal(subject.state, "half-open");
  subject.release(acquire(subject, 1_000));
  acquire(subject, 1_000);
});

test("a verdict on work from before it opened changes nothing afterwards", () => {
  const subject = breaker();
  const old = acquire(subject, 0);
  fail(subject, 0, 3);
  subject.recordSuccess(old);
  equal(subject.state, "open");
  const probe = acquire(subject, 1_000);
  subject.recordFailure("infrastructure", old, 1_000);
  equal(subject.state, "half-open");
  subject.recordSuccess(probe);
  subject.recordFailure("infrastructure", old, 1_000);
  equal(subject.toJSON().failures, 0);
});

test("refuses an unknown option with the nearest name, and a value out of range", () => {
  throws(() => breaker({ failureTreshold: 2 } as object), { code: "OPTION_UNKNOWN", message: /"failureThreshold"/ });
  throws(() => breaker({ failureThreshold: 0 }), { code: "OPTION_RANGE" });
  throws(() => breaker({ openMs: 10, maxOpenMs: 9 }), { code: "OPTION_RANGE" });
});

const action = fc.oneof(
  fc.record({ do: fc.constant("acquire" as const), wait: fc.nat({ max: 3_000 }) }),
  fc.record({
    do: fc.constantFrom("succeed", "release", "infrastructure", "provider", "task", "again"),
    nth: fc.nat({ max: 100 }),
  }),
);

test("never lets more than k probes through at once, in any order of verdicts, given twice or late, over restarts", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.nat(),
      fc.array(action, { maxLength: 200, size: "max" }),
      (k, seed, all) => {
        const options = { openMs: 1_000, halfOpenPermits: k, successesToClose: 2 };
        let subject = new CircuitBreaker(options, seededRandom(seed));
        let at = 0;
        const held: Permit[] = [];
        const probes = new Set<Permit>();
        for (const each of all) {
          if (each.do === "acquire") {
            at += each.wait;
            const expected = subject.canAccept(at);
            const permit = subject.tryAcquire(at);
            equal(permit !== undefined, expected);
            if (permit === undefined) continue;
            held.push(permit);
            if (subject.state === "half-open") probes.add(permit);
          } else {
            const permit = held[each.nth % held.length];
            if (permit === undefined) continue;
            probes.delete(permit);
            if (each.do === "succeed" || each.do === "again") subject.recordSuccess(permit);
            else if (each.do === "release") subject.release(permit);
            else subject.recordFailure(each.do, permit, at);
          }
          if (subject.state !== "half-open") probes.clear();
          ok(probes.size <= k);
          const snapshot = JSON.parse(JSON.stringify(subject));
          subject = CircuitBreaker.restore(snapshot, options, seededRandom(at));
          deepEqual(subject.toJSON(), snapshot);
        }
      },
    ),
  );
});
