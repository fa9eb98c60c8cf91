import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import type { AtWork } from "../../api/stream-wire.ts";
import { statusOf } from "../fake-engine.testing.ts";
import { eventText } from "./event-text.ts";
import { amount, duration, usd } from "./format.ts";
import { liveView } from "./live-view.ts";
import { cut, cutStyled, paint, widthOf } from "./style.ts";
import { table } from "./table.ts";

const plain = paint(false);
const colour = paint(true);

test("money keeps two digits that say something, however small it is", () => {
  deepEqual([0, 12.4, 1, 0.5, 0.031, 0.00042].map(usd), ["$0.00", "$12.40", "$1.00", "$0.50", "$0.031", "$0.00042"]);
});

test("durations change their unit at 10 s, a minute and an hour", () => {
  const shown = [0, 9_940, 10_000, 59_400, 60_000, 3_599_000, 3_600_000, 7_500_000].map(duration);
  deepEqual(shown, ["0.0 s", "9.9 s", "10 s", "59 s", "1 m 00 s", "59 m 59 s", "1 h 00 m", "2 h 05 m"]);
});

test("counts of tokens are rounded to what can be read", () => {
  deepEqual([0, 999, 1_000, 12_345, 4_560_000].map(amount), ["0", "999", "1.0k", "12.3k", "4.56M"]);
});

test("text is cut to its width on one line, without the escape codes it came with", () => {
  equal(cut("one\n two", 10), "one two");
  equal(cut("\u001b[31mred\u001b[0m\u0007!", 10), "red !");
  equal(cut("abcdef", 4), "abc…");
});

test("coloured text is cut to its width with every colour ended", () => {
  const line = cutStyled(`${colour.red("abc")}${colour.green("def")}`, 5);
  equal(widthOf(line), 5);
  equal(line, `${colour.red("abc")}${colour.green("d")}…`);
});

test("a table gives way in its flexible column alone, and is not cut where nobody looks", () => {
  const columns = [
    { title: "ID", cell: (row: string) => row.slice(0, 2) },
    { title: "TEXT", cell: (row: string) => row, flexible: true },
  ];
  const rows = ["a long text that does not fit in twenty columns"];
  equal(table(rows, columns, 20, plain), "ID  TEXT\na   a long text tha…\n");
  match(table(rows, columns, Number.POSITIVE_INFINITY, plain), /twenty columns/);
});

test("the live view fits in any terminal that has room for its fixed lines", () => {
  const slowest = Array.from({ length: 8 }, (_, i) => atWork(`t1-a${i}`, { activity: "does it ".repeat(50) }));
  const events = Array.from({ length: 20 }, (_, i) => `✓ task-${i} merged`);
  for (const height of [10, 15, 24, 60]) {
    const view = { status: statusOf("running", { running: 3, done: 5 }), slowest, events, notice: "" };
    const lines = liveView(view, { width: 60, height }, colour);
    ok(lines.length < height, `${lines.length} lines in ${height}`);
    ok(lines.every((line) => widthOf(line) <= 80));
  }
});

test("the live view names the slowest tasks with their agents and times, and what the team burns", () => {
  const status = statusOf("running", { running: 2 });
  const cost = { ...status.cost, burnUsdPerHour: 3, forecastUsd: 4.5 };
  const slowest = [atWork("t1-a12", { task: "build", forMs: 65_000 }), atWork("t1-a3", { task: "docs", forMs: 900 })];
  const view = { status: { ...status, cost }, slowest, events: [], notice: "" };
  const text = liveView(view, { width: 120, height: 40 }, plain).join("\n");
  match(text, /^ {2}a12 {2}1 m 05 s {2}build {2}read a\.js$/m);
  match(text, /^ {2}a3 {6}0\.9 s {2}docs {3}read a\.js$/m);
  match(text, /\$3\.00 an hour, \$4\.50 in all/);
});

test("what went wrong has its line among the events; what the totals show has none", () => {
  const failure = { reason: "gate", detail: "npm test\nmore" };
  equal(eventText({ type: "taskFailed", at: 0, task: "t1/build", failure }, plain), "✗ build failed: gate: npm test");
  equal(
    eventText({ type: "attemptEnded", at: 0, attempt: "t1/build/2", state: "rejected", failure: null }, plain),
    "↻ build attempt 2: rejected",
  );
  equal(eventText({ type: "attemptLeased", at: 0 }, plain), "");
});

function atWork(agent: string, { task = "task", forMs = 1_000, activity = "read a.js" }: Partial<AtWork>): AtWork {
  return { agent, task, forMs, activity };
}
