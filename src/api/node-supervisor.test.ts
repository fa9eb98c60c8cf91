import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../engine/engine.ts";
import { type Millis, systemClock } from "../lib/clock.ts";
import type { NodeLinks } from "./node-link.ts";
import { NodeSupervisor } from "./node-supervisor.ts";

/** An engine whose journal knows the node `known`, on a machine where the node `living` works and never links. */
class Machine {
  readonly deeds: string[] = [];
  living: number | null;
  /** Whether its engine still leads. */
  leads = true;
  #now = 0;
  #timers: { at: Millis; task: () => void }[] = [];

  constructor(known: number, living: number | null, crashes = 0) {
    this.living = living;
    const nodes = new Map([["local", { state: "up", pid: known, crashes: { count: crashes, lastAt: 0 } }]]);
    const supervisor = new NodeSupervisor({
      engine: {
        state: { nodes },
        leads: async () => this.leads,
        submit: async ({ type, pid }: { type: string; pid: number }) => void this.deeds.push(`${type} ${pid}`),
      } as unknown as Engine,
      links: { pidOf: () => null } as unknown as NodeLinks,
      clock: {
        ...systemClock,
        monotonic: () => this.#now,
        after: (delay, task) => {
          const timer = { at: this.#now + delay, task };
          this.#timers.push(timer);
          return () => {
            this.#timers = this.#timers.filter((each) => each !== timer);
          };
        },
      },
      processes: {
        nodeLives: () => this.living !== null,
        nodePid: () => this.living,
        isAlive: (pid) => pid === this.living,
        kill: (pid) => {
          this.deeds.push(`kill ${pid}`);
          if (pid === this.living) this.living = null;
        },
        spawn: () => {
          this.deeds.push("spawn");
          this.living ??= 9;
          return this.living;
        },
      },
    });
    supervisor.start();
  }

  /** Lets time pass, and all that follows. */
  async pass(ms: Millis): Promise<void> {
    for (const end = this.#now + ms; this.#now < end; this.#now += 100) {
      const due = this.#timers.filter(({ at }) => at <= this.#now);
      this.#timers = this.#timers.filter((timer) => !due.includes(timer));
      for (const { task } of due) task();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

test("a node that is known and dead is lost, and another is started", async () => {
  const machine = new Machine(5, null);
  await machine.pass(1_000);
  deepEqual(machine.deeds, ["loseNode 5", "spawn"]);
});

test("a node that an earlier engine had started is waited for, and ended when it never links", async () => {
  const machine = new Machine(5, 6);
  await machine.pass(29_000);
  deepEqual(machine.deeds, ["loseNode 5"]);

  await machine.pass(3_000);
  deepEqual(machine.deeds, ["loseNode 5", "kill 6", "loseNode 6", "spawn"]);
});

test("a node that died again and again is started later each time, and at least once a minute", async () => {
  for (const [crashes, waitMs] of [
    [2, 500],
    [4, 2_000],
    [40, 60_000],
  ] as const) {
    const machine = new Machine(5, null, crashes);
    await machine.pass(waitMs - 100);
    deepEqual(machine.deeds, ["loseNode 5"], `${crashes} crashes`);
    await machine.pass(400);
    deepEqual(machine.deeds, ["loseNode 5", "spawn"], `${crashes} crashes`);
  }
});

test("an engine that does not lead any more starts no node, and ends none", async () => {
  const starting = new Machine(5, null);
  starting.leads = false;
  await starting.pass(90_000);
  deepEqual(starting.deeds, ["loseNode 5"]);

  const waiting = new Machine(5, 6);
  waiting.leads = false;
  await waiting.pass(90_000);
  deepEqual(waiting.deeds, ["loseNode 5"]);
});
