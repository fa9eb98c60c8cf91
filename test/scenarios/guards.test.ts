/** Real processes that harm their fleet or run out of room: little is lost, and all that can goes on. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import WebSocket from "ws";
import type { StreamFrame, Why } from "../../src/api/wire.ts";
import { engineDefaults } from "../../src/engine/options.ts";
import { mountSmallDisk, unmountDisk } from "../../src/lib/small-disk.testing.ts";
import { Stage, shellPlan } from "../stage.testing.ts";

test("a task that kills its host is alone after two deaths and given up after three more; all others are done", async (context) => {
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
  const { maxHostDeaths, maxDeathsAlone } = engineDefaults;
  equal(attemptList.length, maxHostDeaths + maxDeathsAlone);
  const others = await Promise.all(good.tasks.map(({ id }) => stage.task(id)));
  ok(
    others.every(({ attemptList: tries }) => tries.length <= 3),
    "each of the innocent lost two attempts at most",
  );
  const { because } = await stage.get<Why>("/api/v1/tasks/poison/why");
  match(because, /^5 agent hosts died while .*godel task retry/);
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

test("a reader that stops reading is cut off with 1013 while the team goes on, and misses nothing when it comes back", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  // Each status carries the goal, so that the buffers of the system fill soon.
  const plan = { ...shellPlan(24, (key) => `sleep 0.3; echo ${key} > ${key}.txt`), goal: "x".repeat(1_000_000) };
  const { team } = await stage.spawn({ plan, count: 2, runtime: "command" });
  const [slow, quick] = [await reader(stage, team.id, 0), await reader(stage, team.id, 0)];
  slow.socket.pause();
  const { tasks } = await stage.ended(team.id);
  equal(tasks.done, 24);
  slow.socket.resume();
  const { code, reason } = await slow.closed;
  equal(code, 1013);
  match(reason, /^too slow; go on from the last seq/);
  const again = await reader(stage, team.id, slow.last());
  await stage.until("it has all", () => again.last() >= quick.last());
  deepEqual([...slow.events, ...again.events], quick.events);
  equal(again.events.length > 0, true);
  for (const { socket } of [quick, again]) socket.terminate();
  await stage.down();
});

async function reader(stage: Stage, team: string, from: number) {
  const { url, token } = stage.engine;
  const stream = new URL(`/api/v1/stream?team=${team}&from=${from}`, url.replace(/^http/, "ws"));
  const socket = new WebSocket(stream, { headers: { authorization: `Bearer ${token}` } });
  const events: number[] = [];
  let last = from;
  socket.on("message", (data) => {
    const frame: StreamFrame = JSON.parse(String(data));
    last = Number(frame.seq);
    if (frame.type === "event") events.push(last);
  });
  const closed = once(socket, "close").then(([code, reason]) => ({ code, reason: String(reason) }));
  await once(socket, "open");
  return { socket, events, closed, last: () => last };
}
