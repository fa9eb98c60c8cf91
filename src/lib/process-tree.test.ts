import { deepEqual, equal, ok } from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { findMarked, killMarked, killTree } from "./process-tree.ts";
import { isAlive, listProcesses } from "./processes.ts";

const linux = { skip: existsSync("/proc/self/environ") ? false : "needs /proc" };

/** Runs `script` in a session of its own; resolves with the pids it prints on its first line. */
async function shell(
  script: string,
  env: Record<string, string> = {},
): Promise<{ child: ChildProcess; pids: number[] }> {
  const merged = { ...process.env, ...env };
  const child = spawn("sh", ["-c", script], { detached: true, env: merged, stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  return { child, pids: line.trim().split(/\s+/).map(Number) };
}

async function alive(pids: number[]): Promise<number[]> {
  const all = await listProcesses();
  return all.filter((info) => pids.includes(info.pid) && isAlive(info)).map((info) => info.pid);
}

test("a process goes with its children and a grandchild in a session of its own", linux, async () => {
  const { child, pids } = await shell(
    "sleep 600 & a=$!; setsid -f true; setsid sh -c 'sleep 600 & wait' & echo $a $!; wait",
  );
  equal((await alive(pids)).length, 2);

  await killTree(Number(child.pid));

  deepEqual(await alive([Number(child.pid), ...pids]), []);
});

test("what a process left in its group goes even after the process has exited", linux, async () => {
  const { child, pids } = await shell("sleep 600 >/dev/null & echo $!");
  if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
  equal((await alive(pids)).length, 1);

  await killTree(Number(child.pid));

  deepEqual(await alive(pids), []);
});

test("a process that ignores SIGTERM is killed after the grace", linux, async () => {
  const { child, pids } = await shell("trap '' TERM; echo $$; while :; do sleep 600; done");

  await killTree(Number(child.pid), { graceMs: 50 });

  deepEqual(await alive(pids), []);
});

test("a stopped process goes too", linux, async () => {
  const { child, pids } = await shell("echo $$; kill -STOP $$");

  await killTree(Number(child.pid));

  deepEqual(await alive(pids), []);
});

test(
  "a marked orphan in a session of its own is found and killed, and the process that asks is not",
  linux,
  async () => {
    const mark = `GODEL_TEST_MARK=${process.pid}-ä`;
    process.env.GODEL_TEST_MARK = `${process.pid}-ä`;
    const { child } = await shell("setsid sleep 600 >/dev/null & echo $!");
    if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
    equal((await findMarked(mark)).length, 1);

    await killMarked(mark);

    deepEqual(await findMarked(mark), []);
  },
);

test("a mark is matched whole, not by its beginning", linux, async () => {
  const { child, pids } = await shell("echo $$; sleep 600", { GODEL_TEST_PART: "abc" });

  deepEqual(await findMarked("GODEL_TEST_PART=ab"), []);
  ok((await findMarked("GODEL_TEST_PART=abc")).includes(Number(pids[0])));
  await killTree(Number(child.pid));
});

test("killing what is long gone does nothing", async () => {
  const child = spawn("true");
  await new Promise((resolve) => child.once("exit", resolve));

  await killTree(Number(child.pid));
});
