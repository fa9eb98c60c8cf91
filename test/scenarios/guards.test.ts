/** Real processes that harm their fleet or run out of room: little is lost, and all that can goes on. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Why } from "../../src/api/wire.ts";
import { mountSmallDisk, unmountDisk } from "../../src/lib/small-disk.testing.ts";
import { Stage, shellPlan } from "../stage.testing.ts";

test("a task that kills its host is alone after two deaths and given up after two more; all others are done", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const good = shellPlan(8, (key) => `sleep 0.4; echo ${key} > ${key}.txt`);
  const poison = { id: "poison", prompt: "sleep 0.2; kill -9 $PPID", priority: 9 };
  const { team } = await stage.spawn({
    plan: { ...good, tasks: [poison, ...good.tasks] },
    count: 4,
    runtime: "command",
  });
  const status = await stage.ended(team.id);
  deepEqual([status.tasks.done, status.tasks.failed], [8, 1], JSON.stringify(await stage.tasks()));
  const { failure, attemptList } = await stage.task("poison");
  equal(failure?.reason, "quarantined");
  equal(attemptList.length, 4);
  const others = await Promise.all(good.tasks.map(({ id }) => stage.task(id)));
  ok(
    others.every(({ attemptList: tries }) => tries.length <= 3),
    "each of the innocent lost two attempts at most",
  );
  const { because } = await stage.get<Why>("/api/v1/tasks/poison/why");
  match(because, /^4 agent hosts died while .*godel task retry/);
  await stage.down();
  deepEqual(stage.worktrees(), []);
});

test("on a disk that is nearly full no attempt starts, those that run finish, and with room the rest follows by itself", async (context) => {
  const disk = mkdtempSync(join(tmpdir(), "godel disk "));
  const stage = new Stage(context, {}, disk);
  const mounted = mountSmallDisk(disk, "100m");
  context.after(() => {
    if (mounted) unmountDisk(disk);
    rmSync(disk, { recursive: true, force: true });
  });
  if (!mounted) return context.skip("this user may not mount a small disk");
  await stage.up();
  const plan = shellPlan(8, (key) => `sleep 1.5; echo ${key} > ${key}.txt`);
  const { team } = await stage.spawn({ plan, count: 2, runtime: "command" });
  await stage.watch(team.id, ({ tasks }) => tasks.running === 2);
  const filler = join(stage.home, "filler");
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(bavail * bsize - 4_500_000));
  const warned = await stage.watch(team.id, ({ alerts }) => alerts.length > 0);
  match(
    warned.alerts[0] ?? "",
    /^node local takes no new work since .*: 4 MB of 105 MB of disk are free; new work starts at 10 MB$/,
  );
  const held = await stage.watch(
    team.id,
    ({ tasks: { running, verifying, merging } }) => running + verifying + merging === 0,
  );
  ok(held.tasks.done >= 2 && held.tasks.queued > 0, JSON.stringify(held.tasks));
  const waiting = (await stage.tasks()).find(({ state }) => state === "queued");
  const { because } = await stage.get<Why>(`/api/v1/tasks/${encodeURIComponent(waiting?.id ?? "")}/why`);
  match(because, /^no node takes new work: .* of disk are free/);
  rmSync(filler);
  const { tasks, alerts } = await stage.ended(team.id);
  deepEqual([tasks.done, alerts], [8, []]);
  await stage.down();
});
