/** What the tests of runtimes and hosts share: folders that go away, work to do, and waiting for what will happen. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { assert } from "../lib/assert.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { listProcesses } from "../lib/processes.ts";
import type { Work } from "./runtime.ts";

/** A folder of its own for `t`. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "godel-test-"));
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

let attempts = 0;

/** An attempt at `prompt` in a new worktree, which here is a plain folder. */
export function workOn(t: TestContext, prompt: string, modelUrl: string | null): Work {
  const attempt = `t${process.pid}/task/${++attempts}`;
  return { attempt, cwd: folder(t), prompt, modelUrl, env: {}, transcriptDir: folder(t) };
}

/** Waits until `condition` holds; fails after `withinMs`. Asks every few ms, as files and processes tell nobody. */
export async function eventually(what: string, condition: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = systemClock.monotonic() + withinMs;
  while (!(await condition())) {
    assert(systemClock.monotonic() < deadline, `${what} did not happen within ${withinMs} ms`);
    await sleep(systemClock, 5);
  }
}

/** Whether `pid` runs; a zombie does not. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await listProcesses()).some((info) => info.pid === pid);
}

/** The number in a file that a command writes, once it is there. */
export async function numberIn(path: string): Promise<number> {
  let text = "";
  await eventually(`${path} is written`, async () => {
    text = await readFile(path, "utf8").catch(() => "");
    return text.endsWith("\n");
  });
  return Number(text);
}
