import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { planOf, teamSpec } from "../engine/fleet.testing.ts";
import { openEngine, putToWork } from "./api.testing.ts";
import { Histogram } from "./histogram.ts";
import { metricTable } from "./metric-table.ts";
import { Metrics } from "./metrics.ts";

const monitoring = join(import.meta.dirname, "../../docs/monitoring");

test("the metrics count what the engine knows, in Prometheus' format, and name no team, task or agent", async (context) => {
  const engine = await openEngine(context);
  const metrics = new Metrics(engine, () => 3);
  await engine.submit({
    type: "createTeam",
    team: teamSpec({ id: "t1", name: "secret" }),
    plan: planOf({ a: [], b: ["a"] }),
  });
  await engine.submit({ type: "killTeam", team: "t1" });
  const text = metrics.text();
  match(text, /^godel_teams\{state="killed"\} 1$/m);
  match(text, /^godel_tasks\{state="cancelled"\} 2$/m);
  match(text, /^godel_events_total\{type="teamEnded"\} 1$/m);
  match(text, /^godel_stream_readers 3$/m);
  equal(/secret|t1/.test(text), false);
  match(metrics.text({ byTeam: true }), /^godel_team_spent_usd_total\{team="secret",id="t1"\} 0$/m);
});

test("promtool finds nothing wrong with a scrape, nor with the alert rules", async (context) => {
  const engine = await openEngine(context);
  const metrics = new Metrics(engine, () => 0);
  await putToWork(engine, { name: 'a"b\\c', budgetUsd: 5 });
  const usage = { requests: 1, input: 10, output: 5, cacheRead: 0, cacheWrite: 0, costUsd: 0.25 };
  const attempt = [...engine.state.attempts.values()].find(({ state }) => state === "running" || state === "leased");
  const report = { type: "attemptSpent", attempt: attempt?.id ?? "", usage } as const;
  await engine.submit({ type: "acceptReport", node: "n1", report });
  metrics.firstTokens([120, 4_000]);
  const text = metrics.text({ byTeam: true });
  execFileSync("promtool", ["check", "metrics"], { input: text, stdio: ["pipe", "pipe", "pipe"] });
  execFileSync("promtool", ["check", "rules", join(monitoring, "alerts.yaml")], { stdio: "pipe" });
  match(text, /^godel_model_spent_usd_total\{model="demo"\} 0\.25$/m);
  match(text, /^godel_model_tokens_total\{model="demo",kind="input"\} 10$/m);
  match(text, /^godel_team_tokens_total\{team="a_b_c",id="t1",kind="output"\} 5$/m);
  // Reports are cumulative: the same again is nothing more.
  await engine.submit({ type: "acceptReport", node: "n1", report });
  match(metrics.text(), /^godel_model_spent_usd_total\{model="demo"\} 0\.25$/m);
});

test("each part of an attempt is measured once", async (context) => {
  const engine = await openEngine(context);
  const metrics = new Metrics(engine, () => 0);
  await putToWork(engine);
  metrics.firstTokens([120]);
  const count = (name: string) =>
    Number(new RegExp(`^godel_${name}_seconds_count (\\d+)$`, "m").exec(metrics.text())?.[1]);
  const leased = engine.state.attempts.size;
  deepEqual(["queue_wait", "dispatch", "first_token", "attempt", "gate", "merge"].map(count), [leased, 1, 1, 1, 1, 1]);
  ok(count("commit") >= 5);
  ok(count("selection") >= 1 && count("selection") <= leased);
});

test("a histogram counts each value in its bucket and in all above", () => {
  const histogram = new Histogram([1, 5]);
  for (const value of [0.5, 1, 3, 9, -1]) histogram.observe(value);
  deepEqual(histogram.lines("x"), [
    'x_bucket{le="1"} 3',
    'x_bucket{le="5"} 4',
    'x_bucket{le="+Inf"} 5',
    "x_sum 13.5",
    "x_count 5",
  ]);
});

test("alerts and the dashboard of Grafana ask for metrics that there are, and every histogram is shown", () => {
  const files = ["alerts.yaml", "grafana.json"].map((name) => readFileSync(join(monitoring, name), "utf8"));
  const known = Object.entries(metricTable);
  for (const name of files.join("\n").match(/\bgodel_[a-z_]+/g) ?? []) {
    ok(
      known.some(([metric, [type]]) => name === metric || (type === "histogram" && name === `${metric}_bucket`)),
      name,
    );
  }
  const shown = files[1] ?? "";
  for (const [name, [type]] of known) ok(type !== "histogram" || shown.includes(`${name}_bucket`), name);
  const { panels } = JSON.parse(shown) as { panels: { id: number; gridPos: { x: number; y: number } }[] };
  equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  equal(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size, panels.length);
});
