import { deepEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { noUsage } from "../model/usage.ts";
import { Outbox } from "./outbox.ts";
import { openOutboxStore } from "./outbox-store.ts";

function pathFor(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "godel-outbox-"));
  context.after(() => rmSync(dir, { recursive: true }));
  return join(dir, "outbox.db");
}

const merged = (attempt: string) => ({ type: "attemptMerged", attempt, commit: "c" }) as const;

test("keeps reports in order until they are acknowledged, and only those that are", (context) => {
  const outbox = new Outbox(openOutboxStore(pathFor(context)));
  const seqs = ["a", "b", "c"].map((id) => outbox.add(merged(id)).seq);
  outbox.acknowledge(seqs[1] ?? 0);
  deepEqual(
    outbox.pending.map(({ report }) => report),
    [merged("c")],
  );
  outbox.close();
});

test("a new process finds what the last one could not deliver, and never gives a number twice", (context) => {
  const path = pathFor(context);
  const first = new Outbox(openOutboxStore(path));
  first.add(merged("a"));
  const { seq } = first.add(merged("b"));
  first.acknowledge(seq);
  first.add(merged("c"));
  first.close();

  const second = new Outbox(openOutboxStore(path));
  deepEqual(second.pending, [{ seq: seq + 1, report: merged("c") }]);
  deepEqual(second.add(merged("d")).seq, seq + 2);
  second.close();
});

test("names the attempts whose outcome is on its way, but not those that had more to do", (context) => {
  const outbox = new Outbox(openOutboxStore(pathFor(context)));
  outbox.add(merged("a"));
  outbox.add({ type: "attemptSpent", attempt: "b", usage: noUsage });
  outbox.add({ type: "attemptVerifying", attempt: "c" });
  outbox.add({ type: "agentLost", agent: "x", reason: "" });
  outbox.add({ type: "hostLost", host: 7, agents: ["x", "y"], attempts: ["d"], reason: "" });
  deepEqual(outbox.attempts(), new Set(["a", "d"]));
  deepEqual(outbox.agents(), new Set(["x", "y"]));
  deepEqual(
    ["a", "b", "c"].map((id) => outbox.holdsEndOf(id)),
    [true, false, false],
  );
  outbox.close();
});

test("what an attempt has spent is kept once, however often it is told, in this process and the next", (context) => {
  const path = pathFor(context);
  const outbox = new Outbox(openOutboxStore(path));
  for (let requests = 1; requests <= 1_000; requests++) {
    outbox.add({ type: "attemptSpent", attempt: `a${requests % 2}`, usage: { ...noUsage, requests } });
  }
  const newest = [
    [999, 999],
    [1_000, 1_000],
  ];
  const spent = (box: Outbox) =>
    box.pending.map(({ seq, report }) => [seq, report.type === "attemptSpent" ? report.usage.requests : 0]);
  deepEqual(spent(outbox), newest);
  outbox.close();
  const next = new Outbox(openOutboxStore(path));
  deepEqual(spent(next), newest);
  next.close();
});
