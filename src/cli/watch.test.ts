/** `team status --watch`, on a terminal and without one. */
import { deepEqual, equal, match } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { StreamFrame } from "../api/wire.ts";
import { systemClock } from "../lib/clock.ts";
import { homeOf } from "../model/home.ts";
import type { Cli } from "./cli.ts";
import { godel, newHome } from "./command.testing.ts";
import teamStatus from "./commands/team-status.ts";
import { fakeEngine, frameOf, statusOf } from "./fake-engine.testing.ts";
import { paint } from "./ui/style.ts";

const failed = { type: "taskFailed", at: 0, task: "t1/lint", failure: { reason: "gate", detail: "npm test" } };
const working = { task: "build", agent: "t1-a1", forMs: 65_000, activity: "edits src/index.ts" };

/** An engine whose team is at work, then done. */
async function watched(t: TestContext) {
  const home = newHome(t);
  const engine = await fakeEngine(t, home);
  const status = statusOf("running", { running: 2, done: 1 });
  engine.answers.set("GET /api/v1/teams/demo", { status: 200, body: status });
  engine.answers.set("GET /api/v1/health", { status: 200, body: { version: "test", seq: "1200", nodes: [] } });
  engine.onStream = (send) => {
    send({ type: "event", seq: "1199", event: failed });
    send({ type: "status", seq: "1200", status, activities: [], slowest: [working] } satisfies StreamFrame);
    send(frameOf(statusOf("done", { done: 3 })));
  };
  return { home, engine };
}

/** Writes to a terminal of 100 columns. */
function terminal(live: boolean, written: string[]) {
  return { write: (text: string) => void written.push(text), live, width: 100, height: 30, style: paint(false) };
}

test("on a terminal it draws totals, agents, spending, the slowest tasks and what happened lately, then the summary", async (t) => {
  const { home, engine } = await watched(t);
  const [out, err]: [string[], string[]] = [[], []];
  const cli = {
    env: {},
    cwd: home,
    home: homeOf({ GODEL_HOME: home }),
    clock: systemClock,
    out: terminal(true, out),
    err: terminal(true, err),
    exitCode: 0,
  } as unknown as Cli;
  await teamStatus.call(cli, { watch: true }, "demo");
  deepEqual(engine.from, ["700"]);
  const screen = err.find((text) => text.includes("lint")) ?? "";
  for (const shown of [
    /demo {2}running/,
    /1\/3 tasks/,
    /2 running/,
    /agents 2: 2 busy/,
    /\$0\.25 of \$5\.00 \(\$0\.13 a task, \$0\.50 an hour, \$1\.25 in all\)/,
    /a1 {2}1 m 05 s {2}build {2}edits src\/index\.ts/,
    /✗ lint failed: gate: npm test/,
  ]) {
    match(screen, shown);
  }
  match(out.join(""), /✓ demo {2}done/);
  equal(cli.exitCode, 0);
});

test("without a terminal it tells what comes in lines, with no codes to move a cursor", async (t) => {
  const { home, engine } = await watched(t);
  const { code, out, err } = await godel(home, "team", "status", "demo", "--watch");
  equal(code, 0);
  deepEqual(engine.from, [null]);
  match(err, /^✗ lint failed: gate: npm test\n1\/3 tasks done · 2 running · 2 agents · \$0\.25 of \$5\.00\n/);
  equal((err + out).includes("\u001b"), false);
  match(out, /✓ demo {2}done/);
});
