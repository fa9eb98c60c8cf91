import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { godel } from "../../src/cli/command.testing.ts";
import { scriptedModel } from "../../src/runtimes/pi/scripted-model.testing.ts";
import { offerModel } from "../scripted-provider.testing.ts";
import { Stage } from "../stage.testing.ts";

test("a team that failed for lack of money is given more from the command line, and its task is done when tried again", async (context) => {
  const stage = new Stage(context);
  const provider = await scriptedModel(context);
  offerModel(stage, provider.url);
  await stage.up({ MINE_KEY: "sk-mine" });
  const plan = { tasks: [{ id: "one", prompt: "bash echo 1 > one.txt\nsay done" }] };
  const { team } = await stage.spawn({ name: "poor", plan, model: "mine/scripted-1", budgetUsd: 0.000_1 });
  equal((await stage.ended(team.id)).team.state, "failed");
  const { failure } = await stage.task("one");
  equal(failure?.reason, "budget");

  const lower = await godel(stage.home, "team", "budget", "poor", "--usd", "0.00005");
  deepEqual([lower.code, /OPTION_RANGE|budget must be/.test(lower.err)], [2, true], lower.err);
  const said = await godel(stage.home, "team", "budget", "poor", "--usd", "2");
  deepEqual([said.code, said.err], [0, ""]);
  match(said.out, /^poor may spend \$2\.00 in all\. 1 task failed: `godel task retry` tries one again\.\n$/);
  const told = await godel(stage.home, "team", "budget", "poor", "--usd", "3", "--json");
  equal(JSON.parse(told.out).cost.budgetUsd, 3);
  equal((await godel(stage.home, "task", "retry", "poor/one")).code, 0);
  const end = await stage.ended(team.id);
  deepEqual([end.team.state, end.tasks.done], ["done", 1]);
});

test("a planning request that is under way when its node is killed counts as spent, at the most it may cost, and once", async (context) => {
  const stage = new Stage(context);
  const held = Promise.withResolvers<void>();
  const provider = await scriptedModel(context, held.promise);
  offerModel(stage, provider.url);
  await stage.up({ MINE_KEY: "sk-mine" });
  const { team } = await stage.spawn({ task: "say what is to be done", model: "mine/scripted-1", budgetUsd: 5 });
  await provider.requested(1);
  const { cost } = await stage.watch(team.id, (status) => status.cost.reservedUsd > 0);
  equal(cost.spentUsd, 0);
  for (const [kill, requests] of [
    [1, 2],
    [2, 3],
  ] as const) {
    process.kill(stage.engine.nodePid ?? 0, "SIGKILL");
    const after = await stage.watch(team.id, (status) => status.cost.spentUsd > (kill - 0.5) * cost.reservedUsd);
    equal(after.cost.spentUsd.toFixed(9), (kill * cost.reservedUsd).toFixed(9));
    await provider.requested(requests);
  }
  process.kill(stage.engine.pid, "SIGKILL");
  await stage.up({ MINE_KEY: "sk-mine" });
  equal((await stage.status(team.id)).cost.spentUsd.toFixed(9), (2 * cost.reservedUsd).toFixed(9));
  held.resolve();
});
