import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { planOf, teamSpec } from "../engine/fleet.testing.ts";
import { openEngine } from "./api.testing.ts";
import { Metrics } from "./metrics.ts";

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
  const typed = new Set<string>();
  for (const line of text.trimEnd().split("\n")) {
    const head = /^# (?:HELP (\w+) \S.*|TYPE (\w+) (?:gauge|counter|histogram))$/.exec(line);
    if (head) typed.add(head[1] ?? head[2] ?? "");
    else {
      const [, name = ""] =
        /^(godel_[a-z_]+)(?:\{\w+="[^"\\\n]*"(?:,\w+="[^"\\\n]*")*\})? -?[\d.e+-]+$/.exec(line) ?? [];
      ok(typed.has(name.replace(/_(?:bucket|sum|count)$/, "")) || typed.has(name), line);
    }
  }
  match(text, /^godel_teams\{state="killed"\} 1$/m);
  match(text, /^godel_tasks\{state="cancelled"\} 2$/m);
  match(text, /^godel_events_total\{type="teamEnded"\} 1$/m);
  match(text, /^godel_stream_readers 3$/m);
  equal(/secret|t1/.test(text), false);
});
