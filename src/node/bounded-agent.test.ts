import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import { noUsage } from "../model/usage.ts";
import { failed, type Settled, type Work } from "../runtimes/index.ts";
import { BoundedAgent } from "./bounded-agent.ts";
import type { PooledAgent } from "./ports.ts";

const work = { attempt: "t1/a/1" } as Work;

/** An agent in the process 7, whose runtime answers nothing that `ignores` says, until its host is ended. */
function ward(ignores: (keyof PooledAgent)[]) {
  const clock = new ManualClock();
  const death = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const asked = (what: keyof PooledAgent) => (ignores.includes(what) ? death.promise : Promise.resolve());
  const ends: string[] = [];
  const settled = async (): Promise<Settled> => {
    await Promise.race([death.promise, aborted.promise.then(() => asked("prompt"))]);
    return failed("host-lost", "its host is gone");
  };
  const ask = (what: keyof PooledAgent) => {
    aborted.resolve();
    return asked(what);
  };
  const pooled: PooledAgent = {
    hostPid: 7,
    sessionId: "s",
    prompt: settled,
    steer: async () => false,
    abort: () => ask("abort"),
    pause: async () => {},
    resume: async () => {},
    watch: async () => {},
    stop: () => ask("stop"),
    usage: () => noUsage,
  };
  const endHost = (pid: number, why: string) => {
    ends.push(`${pid}: ${why}`);
    death.resolve();
  };
  return { agent: new BoundedAgent(pooled, { clock, withinMs: 30_000, endHost }), clock, ends };
}

for (const ignored of ["stop", "prompt"] as const)
  test(`an agent whose ${ignored} never resolves is stopped by the end of its host, in time and not before`, async () => {
    const { agent, clock, ends } = ward([ignored]);
    const settled = agent.prompt(work);
    const stopped = agent.stop();
    clock.pass(29_999);
    equal(ends.length, 0);
    clock.pass(1);
    match(ends.join(), /^7: an agent of it did not stop within 30 s$/);
    await stopped;
    equal((await settled).ok, false);
  });

test("an attempt that is given up ends in time, even where its agent does not hear", async () => {
  const { agent, clock, ends } = ward(["abort", "prompt"]);
  const settled = agent.prompt(work);
  const aborted = agent.abort();
  clock.pass(30_000);
  await Promise.all([aborted, settled]);
  equal(ends.length, 1);
});

test("an agent that stops by itself costs its host nothing", async () => {
  const { agent, clock, ends } = ward([]);
  const settled = agent.prompt(work);
  await agent.stop();
  await settled;
  equal(clock.passToNext(), false, "a timer was left");
  equal(ends.length, 0);
});

test("a node that was away itself hears first what was said meanwhile", async () => {
  const { agent, clock, ends } = ward(["stop"]);
  void agent.stop();
  // When it wakes, one timer is due, however long it slept; the next begins then.
  equal(clock.passToNext(), true);
  equal(ends.length, 0);
  equal(clock.passToNext(), true);
  equal(ends.length, 1);
});
