import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mountSmallDisk, unmountDisk } from "../../src/lib/small-disk.testing.ts";
import { planLimits } from "../../src/model/plan.ts";
import { Stage, shellPlan } from "../stage.testing.ts";

/** Leaves no room on the disk. */
function fill(path: string): void {
  const page = Buffer.alloc(4_096);
  try {
    for (;;) appendFileSync(path, page);
  } catch {
    // Full: that is the point.
  }
}

test("a full disk stops the engine with its reason; with room again, every task ends done exactly once", async (context) => {
  const disk = mkdtempSync(join(tmpdir(), "godel disk "));
  const stage = new Stage(context, {}, disk);
  const mounted = mountSmallDisk(disk, "24m");
  context.after(() => {
    if (mounted) unmountDisk(disk);
    rmSync(disk, { recursive: true, force: true });
  });
  if (!mounted) return context.skip("this user may not mount a small disk");
  await stage.up();
  const { pid } = stage.engine;
  const plan = shellPlan(40, (key) => `sleep 0.1; echo ${key} > ${key}.txt`);
  const { team } = await stage.spawn({ plan, count: 4, runtime: "command" });
  await stage.watch(team.id, ({ tasks }) => tasks.done >= 2);
  const filler = join(stage.home, "filler");
  fill(filler);
  await stage.until("the engine has stopped", () => !stage.processes().includes(pid));
  await stage.until("it has said why", () => /DISK_FULL/.test(stage.printed));
  rmSync(filler);

  await stage.up();
  const status = await stage.ended(team.id);
  deepEqual([status.team.state, status.tasks.done], ["done", 40], JSON.stringify(status));
  const merged = stage.git("log", "--format=%s", `main..${team.branch}`).split("\n");
  equal(new Set(merged).size, 40);
  equal(merged.length, 40);
  await stage.down();
});

test("a port that is taken is named, and nothing is started", async (context) => {
  const stage = new Stage(context);
  const server = createServer().listen(0, "127.0.0.1");
  context.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await rejects(stage.up({ GODEL_PORT: `${port}` }), new RegExp(`PORT_TAKEN.*${port}`));
  await stage.until("nothing is left", () => stage.processes().length === 0);
});

test("a second engine on one home is refused, and the first goes on", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  await rejects(stage.up(), /ENGINE_RUNNING/);
  equal((await stage.get<{ pid: number }>("/api/v1/health")).pid, stage.engine.pid);
  await stage.down();
});

test("with nothing to do, engine and node burn next to no CPU", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const { team } = await stage.spawn({ plan: shellPlan(2), runtime: "command" });
  await stage.ended(team.id);
  await stage.watch(team.id, ({ agents }) => agents.total === 0);
  const before = ticks(stage);
  const idleMs = 5_000;
  const until = performance.now() + idleMs;
  await stage.until("some idle time has passed", () => performance.now() >= until);
  // A tick is 10 ms: less than 2% of a core for both together, the test's own looking aside.
  equal(ticks(stage) - before <= (idleMs / 10) * 0.02, true, `${ticks(stage) - before} ticks`);
});

function ticks(stage: Stage): number {
  const { pid, nodePid } = stage.engine;
  return [pid, nodePid ?? 0].reduce((sum, process) => sum + ticksOf(process), 0);
}

/** User and system time of a process, in ticks of 10 ms (proc(5), fields 14 and 15). */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

test("100,000 tasks submitted at once are taken, while others are answered, and outlive kill -9; one more is refused", async (context) => {
  const stage = new Stage(context);
  await stage.up();
  const plan = shellPlan(planLimits.tasks + 1, () => "sleep 100");
  await rejects(stage.spawn({ plan, count: 1, runtime: "command" }), {
    code: "PLAN_INVALID",
    message: /100001 tasks; at most 100000 are allowed/,
  });
  plan.tasks.pop();
  let answered = 0;
  let open = true;
  const taken = stage.spawn({ plan, count: 1, runtime: "command" }).finally(() => {
    open = false;
  });
  while (open) {
    deepEqual(await stage.get("/healthz"), { ok: true });
    answered++;
  }
  const { team, tasks } = await taken;
  ok(answered > 0, "somebody was answered meanwhile");
  equal(tasks.total, planLimits.tasks);

  process.kill(stage.engine.pid, "SIGKILL");
  await stage.up();
  equal((await stage.status(team.id)).tasks.total, planLimits.tasks);
  await stage.post(`/api/v1/teams/${team.id}/kill`);
  const end = await stage.ended(team.id);
  deepEqual([end.team.state, end.tasks.cancelled], ["killed", planLimits.tasks]);
});
