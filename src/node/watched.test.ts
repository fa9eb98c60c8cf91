import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import { watchMs } from "../runtimes/index.ts";
import { moreWithinMs, WatchedAttempts } from "./watched.ts";

const attempt = "t1/a/1";
const saying = (text: string) => ({
  type: "saying" as const,
  attempt,
  parts: [{ kind: "said" as const, tool: "", text }],
});

function watcher() {
  const clock = new ManualClock();
  const watched = new WatchedAttempts(clock);
  let asked = 0;
  const agent = {
    watch: async () => {
      asked++;
    },
  };
  /** Whether it has been answered, after what is under way now. */
  const look = async (heard: number) => {
    let isOver = false;
    void watched.more(attempt, agent, heard).then(() => {
      isOver = true;
    });
    await Promise.resolve();
    return async () => {
      await new Promise(setImmediate);
      return isOver;
    };
  };
  return { clock, watched, look, asked: () => asked };
}

test("a first look is answered at once, and the next when there is more, or after a moment", async () => {
  const { clock, watched, look } = watcher();
  equal(await (await look(0))(), true);
  deepEqual(watched.of(attempt), { heard: 1, saying: [] });
  const second = await look(1);
  equal(await second(), false);
  watched.hear(saying("hel"));
  equal(await second(), true);
  deepEqual(watched.of(attempt), { heard: 2, saying: saying("hel").parts });
  const third = await look(2);
  clock.pass(moreWithinMs - 1);
  equal(await third(), false);
  clock.pass(1);
  equal(await third(), true);
});

test("what an agent does is a reason to look again, and leaves what it says", async () => {
  const { watched, look } = watcher();
  await look(0);
  watched.hear(saying("hel"));
  const next = await look(2);
  watched.hear({ type: "activity", attempt, text: "bash ls" });
  equal(await next(), true);
  deepEqual(watched.of(attempt), { heard: 3, saying: saying("hel").parts });
});

test("an agent is asked to tell now and then as long as somebody watches, and what nobody watches is dropped", async () => {
  const { clock, watched, look, asked } = watcher();
  for (let i = 0; i < 10; i++) {
    await look(0);
    clock.pass(watchMs / 10);
  }
  equal(asked(), 2);
  clock.pass(watchMs + moreWithinMs);
  watched.hear(saying("unheard"));
  await look(0);
  deepEqual(watched.of(attempt), { heard: 1, saying: [] });
});

test("of attempts that nobody watches nothing is kept, and who waits for one that has settled is answered", async () => {
  const { watched, look } = watcher();
  watched.hear(saying("hel"));
  equal(watched.of(attempt), null);
  await look(0);
  const next = await look(1);
  watched.forget(attempt);
  equal(await next(), true);
  equal(watched.of(attempt), null);
});
