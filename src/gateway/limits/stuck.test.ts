import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Waiting } from "./line.ts";
import { Stuck } from "./stuck.ts";

test("an attempt that waits, tries and waits anew has waited since it began to, until it is answered", () => {
  const stuck = new Stuck();
  const inLine = (attempt: string, since: number): Waiting => {
    return { team: "t", attempt, why: "acme is down", until: null, since, isOut: true, askAfterMs: 9 };
  };
  const seen = (...line: Waiting[]) => stuck.list(line).map(({ attempt, since, isOut }) => [attempt, since, isOut]);
  const trial = { team: "t", why: "acme is down", askAfterMs: 9 };
  stuck.tries("a", trial);
  deepEqual(seen(), [], "it has not waited");
  stuck.waits("a", 100);
  deepEqual(seen(inLine("a", 100)), [["a", 100, true]]);
  stuck.tries("a", trial);
  deepEqual(seen(inLine("b", 150)), [
    ["b", 150, true],
    ["a", 100, true],
  ]);
  stuck.tried("a", false);
  stuck.waits("a", 200);
  deepEqual(seen(inLine("a", 200)), [["a", 100, true]]);
  stuck.tried("a", true);
  stuck.waits("a", 300);
  deepEqual(seen(inLine("a", 300)), [["a", 300, true]]);
  stuck.forget("a");
  deepEqual(seen(inLine("a", 400)), [["a", 400, true]]);
});
