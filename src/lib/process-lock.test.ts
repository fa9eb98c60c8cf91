import { equal, throws } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { acquireProcessLock } from "./process-lock.ts";

// This file is also the child that holds the lock until it is killed.
if (process.argv[2] === undefined) describeLock();
else holdForever(process.argv[2]);

function holdForever(path: string): void {
  acquireProcessLock(path);
  // A handle nobody keeps must not be collected with its lock.
  globalThis.gc?.();
  process.stdout.write("held\n");
  process.stdin.resume();
}

function describeLock(): void {
  test("is refused while held, in the same process too, and free again after release", (context) => {
    const path = lockPath(context);
    const lock = acquireProcessLock(path);
    throws(() => acquireProcessLock(path), { code: "ENGINE_RUNNING" });
    lock.release();
    acquireProcessLock(path).release();
  });

  test("a second release does not free the lock of the next holder", (context) => {
    const path = lockPath(context);
    const first = acquireProcessLock(path);
    first.release();
    const second = acquireProcessLock(path);
    first.release();
    throws(() => acquireProcessLock(path), { code: "ENGINE_RUNNING" });
    second.release();
  });

  test("is free at once when its holder is killed with SIGKILL, and not before", async (context) => {
    const path = lockPath(context);
    const child = spawn(process.execPath, ["--expose-gc", import.meta.filename, path]);
    context.after(() => child.kill("SIGKILL"));
    equal(String((await once(child.stdout, "data"))[0]), "held\n");
    throws(() => acquireProcessLock(path), { code: "ENGINE_RUNNING" });

    child.kill("SIGKILL");
    await once(child, "exit");
    acquireProcessLock(path).release();
  });

  test("names the file when it cannot be opened", () => {
    throws(() => acquireProcessLock("/nonexistent/engine.lock"), {
      code: "HOME_UNUSABLE",
      message: "cannot lock /nonexistent/engine.lock",
    });
  });
}

function lockPath(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "godel-lock-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "engine.lock");
}
