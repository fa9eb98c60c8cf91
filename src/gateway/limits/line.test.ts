import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../lib/manual-clock.testing.ts";
import fc from "../../lib/properties.testing.ts";
import type { Share } from "../../model/share.ts";
import { Line, type TurnRequest } from "./line.ts";

/** A line for one model that has no room but what `let` gives, and who was let out so far. */
class Queue {
  readonly out: string[] = [];
  readonly #line = new Line<string>(new ManualClock(), 10_000);
  #room = 0;

  ask(team: string, share: Share): void {
    const take = () => {
      this.#room -= 1;
    };
    const endpoint = { target: "m", take };
    const find = () => (this.#room > 0 ? endpoint : { why: "full", until: Number.POSITIVE_INFINITY });
    const route = { id: "m", find, started: () => {} } as unknown as TurnRequest<string>["route"];
    const need = { requests: 1, inputTokens: 0, outputTokens: 0 } as unknown as TurnRequest<string>["need"];
    const turn = this.#line.turn({ route, need, team, attempt: null, ...share }, () => new AbortController().signal);
    if (turn instanceof Promise) void turn.then(() => this.out.push(team));
  }

  /** Room for so many requests, one after the other. */
  async let(requests: number): Promise<void> {
    for (let i = 0; i < requests; i++) {
      this.#room = 1;
      this.#line.wake();
    }
    await Promise.resolve();
  }

  count(team: string): number {
    return this.out.filter((each) => each === team).length;
  }
}

async function turns(requests: number, shares: Record<string, Share>): Promise<Queue> {
  const queue = new Queue();
  for (const [team, share] of Object.entries(shares)) for (let i = 0; i < requests; i++) queue.ask(team, share);
  await queue.let(requests);
  return queue;
}

test("teams take turns by weight", async () => {
  const queue = await turns(40, { a: { weight: 3, priority: 0 }, b: { weight: 1, priority: 0 } });
  deepEqual([queue.count("a"), queue.count("b")], [30, 10]);
});

test("a team of a higher priority goes first, but for one turn in eight", async () => {
  const queue = await turns(80, { low: { weight: 1, priority: 0 }, high: { weight: 1, priority: 1 } });
  deepEqual([queue.count("high"), queue.count("low")], [70, 10]);
  equal(queue.out.slice(0, 7).includes("low"), false);
});

test("whatever the weights and priorities, each team has a turn in time for its weight", async () => {
  const share = fc.record({ weight: fc.integer({ min: 1, max: 10 }), priority: fc.integer({ min: -2, max: 2 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(share, { minLength: 2, maxLength: 5 }), async (shares) => {
      const all = shares.reduce((sum, { weight }) => sum + weight, 0);
      const queue = await turns(
        8 * (all + shares.length),
        Object.fromEntries(shares.map((each, i) => [`t${i}`, each])),
      );
      for (const i of shares.keys()) ok(queue.count(`t${i}`) >= 1, `t${i} of ${JSON.stringify(shares)}`);
    }),
    { numRuns: 50 },
  );
});
