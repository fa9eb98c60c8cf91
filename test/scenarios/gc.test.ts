import { deepEqual, equal, match } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { GarbageAnswer } from "../../src/api/wire.ts";
import { finish, start } from "../../src/cli/command.testing.ts";
import { Stage, shellPlan } from "../stage.testing.ts";

test("`godel gc` removes what is left of a merged team, keeps what is not merged, and with --dry-run removes nothing", async (context) => {
  const stage = new Stage(context);
  const gc = async (...flags: string[]) => finish(start(stage.home, ["gc", ...flags]));
  const garbage = async (): Promise<GarbageAnswer> => JSON.parse((await gc("--dry-run", "--json")).out);
  const refs = () => stage.git("for-each-ref", "--format=%(refname)", "refs/heads/godel", "refs/godel");
  await stage.up();
  const { team } = await stage.spawn({ name: "one", plan: shellPlan(3), count: 2, runtime: "command" });
  await stage.ended(team.id);
  const other = await stage.spawn({ name: "two", plan: shellPlan(1), count: 1, runtime: "command" });
  await stage.ended(other.team.id);
  await stage.until("all agents have left", async () => (await garbage()).kept.length > 0);
  await stage.until("the second team is over", async () =>
    (await garbage()).kept.some(({ team }) => team === other.team.id),
  );
  const unmerged = await garbage();
  deepEqual(
    unmerged.removed.filter(({ kind }) => kind !== "scratch"),
    [],
  );

  stage.git("merge", "--quiet", "--ff-only", "godel/one");
  const before = refs();
  const dry = await gc("--dry-run");
  match(dry.out, /branch +refs\/heads\/godel\/one +all of it is on main/);
  match(dry.out, /10 things would be removed; nothing was\.\n/);
  match(dry.out, /2 kept: its work is on no branch of yours\n/);
  equal(refs(), before);

  const done = await gc();
  equal(done.code, 0, done.err);
  match(done.out, /things removed/);
  deepEqual(refs().split("\n"), ["refs/godel/two/t0/1", "refs/heads/godel/two"]);
  equal(existsSync(join(stage.home, "attempts", team.id, "t0", "1")), false);
  equal(existsSync(join(stage.home, "attempts", other.team.id, "t0", "1")), true);
  equal(stage.git("show", "main:t2.txt"), "t2");
  deepEqual((await garbage()).removed, []);
});
