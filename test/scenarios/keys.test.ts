import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { scriptedModel } from "../../src/runtimes/pi/scripted-model.testing.ts";
import { offerModel } from "../scripted-provider.testing.ts";
import { Stage } from "../stage.testing.ts";

const key = "sk-of-the-user-and-of-nobody-else";

test("a model of the user's own gets the user's key from the gateway, and no agent ever sees it", async (context) => {
  const stage = new Stage(context);
  const provider = await scriptedModel(context);
  offerModel(stage, provider.url);
  await stage.up({ MINE_KEY: key });
  // The scripted model follows the prompt line by line.
  const plan = { tasks: [{ id: "look", prompt: "bash env > env.txt; cat /proc/$PPID/environ >> env.txt\nsay done" }] };
  const { team } = await stage.spawn({ name: "keys", plan, model: "mine/scripted-1" });
  const status = await stage.ended(team.id);
  equal(status.team.state, "done", JSON.stringify((await stage.task("look")).failure));

  deepEqual(new Set(provider.authorizations), new Set([`Bearer ${key}`]));
  const seen = stage.git("show", "godel/keys:env.txt");
  match(seen, /GODEL_ATTEMPT=/);
  doesNotMatch(seen, new RegExp(key));
  const [attempt] = (await stage.task("look")).attemptList;
  doesNotMatch(readFileSync(attempt?.transcript ?? "", "utf8"), new RegExp(key));
  const [agent] = await stage.agents();
  doesNotMatch(readFileSync(`/proc/${agent?.hostPid}/environ`, "utf8"), new RegExp(key));
  // 10 tokens each way in two requests, at 1 and 2 USD a million.
  equal(status.cost.spentUsd, (2 * (10 * 1 + 10 * 2)) / 1e6);
  equal(attempt?.costUsd, status.cost.spentUsd);
});

test("what a request under way may still cost is shown as reserved, and nothing once it is over", async (context) => {
  const stage = new Stage(context);
  const held = Promise.withResolvers<void>();
  const provider = await scriptedModel(context, held.promise);
  offerModel(stage, provider.url);
  await stage.up({ MINE_KEY: key });
  const plan = { tasks: [{ id: "one", prompt: "bash echo 1 > one.txt\nsay done" }] };
  const { team } = await stage.spawn({ plan, model: "mine/scripted-1", budgetUsd: 5 });
  const { cost } = await stage.watch(team.id, (status) => status.cost.reservedUsd > 0);
  equal(cost.spentUsd, 0);
  equal(cost.reservedUsd <= 5, true);
  held.resolve();
  equal((await stage.ended(team.id)).team.state, "done");
  await stage.watch(team.id, (status) => status.cost.reservedUsd === 0 && status.cost.spentUsd > 0);
});

test("a model whose key is not set is refused, and the variable is named", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const plan = { tasks: [{ id: "a", prompt: "x" }] };
  const refused = await stage.spawn({ plan, model: "openai/gpt-5-mini" }).catch((error) => error);
  equal(refused.code, "MODEL_KEY_MISSING");
  match(refused.message, /OPENAI_API_KEY/);
});
