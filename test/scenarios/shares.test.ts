/** Teams that together want more agents than there are, with real processes. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { finish, start } from "../../src/cli/command.testing.ts";
import { Stage, shellPlan } from "../stage.testing.ts";

test("a team that comes later has its part at once when agents of the first have finished a task, more with a priority, and both get done", async (context) => {
  const stage = new Stage(context);
  mkdirSync(stage.home, { recursive: true });
  writeFileSync(join(stage.home, "godel.yaml"), "resources:\n  maxAgents: 4\n");
  await stage.up();
  const plan = shellPlan(24, (key) => `sleep 0.2; echo ${key} > ${key}.txt`);
  const first = await stage.spawn({ name: "first", plan, count: 8, runtime: "command" });
  await stage.watch(first.team.id, ({ agents }) => agents.busy === 4);
  const small = shellPlan(6, (key) => `sleep 0.2; echo ${key} > ${key}.md`);
  const second = await stage.spawn({ name: "second", plan: small, count: 6, runtime: "command", priority: 1 });
  const shared = await stage.watch(second.team.id, ({ agents }) => agents.busy > 0);
  deepEqual(shared.share, { weight: 1, priority: 1, agents: 3 });
  const { out } = await finish(start(stage.home, ["team", "status", "first"]));
  match(out, /share +1 of 8 agents, as all teams together want more than there are/);
  const done = await stage.ended(second.team.id);
  equal(done.team.state, "done");
  const left = await stage.status(first.team.id);
  ok(left.tasks.done < 24, "the first team was done before the second, which came first by its priority");
  equal((await stage.ended(first.team.id)).team.state, "done");
});
