import { equal, ok } from "node:assert/strict";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { folderSize } from "./folder-size.ts";

/** A folder with two files of 1 MB, one of them three folders down. */
function made(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "godel-size-"));
  context.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, "a/b/c"), { recursive: true });
  for (const path of ["top", "a/b/c/deep"]) writeFileSync(join(dir, path), Buffer.alloc(1e6, 1));
  return dir;
}

const slack = 50e3;

test("counts what files hold on the disk, in folders of folders", async (context) => {
  const bytes = await folderSize([made(context)]);
  ok(bytes >= 2e6 && bytes < 2e6 + slack, `${bytes}`);
});

test("a link leads nowhere, a second name costs nothing, and a hole holds nothing", async (context) => {
  const dir = made(context);
  symlinkSync("..", join(dir, "up"));
  linkSync(join(dir, "top"), join(dir, "again"));
  writeFileSync(join(dir, "holes"), "");
  truncateSync(join(dir, "holes"), 1e9);
  const bytes = await folderSize([dir]);
  ok(bytes >= 2e6 && bytes < 2e6 + slack, `${bytes}`);
});

test("stops soon after it is over the most that is asked for", async (context) => {
  const dir = made(context);
  for (let i = 0; i < 100; i++) writeFileSync(join(dir, `${i}`), Buffer.alloc(1e5, 1));
  const bytes = await folderSize([dir], 1e6);
  ok(bytes > 1e6 && bytes < 6e6, `${bytes}`);
});

test("what is not there takes nothing", async () => {
  equal(await folderSize([join(tmpdir(), "godel-is-not-there")]), 0);
});
