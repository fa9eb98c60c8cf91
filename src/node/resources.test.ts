import { equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mountSmallDisk, unmountDisk } from "../lib/small-disk.testing.ts";
import { measureResources } from "./resources.ts";

test("measures this machine: nothing is more free than there is", () => {
  const { memoryStall, load, ...rooms } = measureResources([tmpdir()]);
  for (const [name, room] of Object.entries(rooms)) {
    if (room) ok(room.free >= 0 && room.free <= room.total, `${name}: ${room.free} of ${room.total}`);
  }
  ok(rooms.disk, "a disk can be measured everywhere");
  ok(load === null || (load !== undefined && load >= 0));
  ok(memoryStall === null || (memoryStall >= 0 && memoryStall <= 1));
});

test("the scarcest of the disks that are written to counts, and a folder that is gone does not", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "godel-resources-"));
  const mounted = mountSmallDisk(folder, "1m");
  context.after(() => {
    if (mounted) unmountDisk(folder);
    rmSync(folder, { recursive: true, force: true });
  });
  if (!mounted) return context.skip("this user may not mount a small disk");
  writeFileSync(join(folder, "filler"), Buffer.alloc(1_000_000));
  const { disk } = measureResources([tmpdir(), folder, join(folder, "gone")]);
  equal(disk?.total, 1 << 20);
  ok(disk.free < 50_000, `${disk.free} bytes`);
});
