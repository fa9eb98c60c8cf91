import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { unmeasured } from "../../model/resources.testing.ts";
import type { NodeResources } from "../../model/resources.ts";
import { pressureOf } from "./pressure.ts";

const plenty: NodeResources = {
  disk: { free: 500e9, total: 1_000e9 },
  inodes: { free: 1e6, total: 2e6 },
  memory: { free: 12e9, total: 24e9 },
  files: { free: 900, total: 1_024 },
  processes: { free: 30_000, total: 32_000 },
  memoryStall: 0,
};
const kinds = (resources: Partial<NodeResources>, before: Parameters<typeof pressureOf>[1] = []) =>
  pressureOf({ ...plenty, ...resources }, before).map(({ kind }) => kind);

test("a machine with enough of all is under no pressure, nor is one that can't be measured", () => {
  deepEqual(kinds({}), []);
  deepEqual(kinds(unmeasured), []);
});

test("pressure begins below its mark, and ends only at a higher one", () => {
  const disk = (free: number) => ({ disk: { free, total: 1_000e9 } });
  deepEqual(kinds(disk(1e9)), []);
  deepEqual(kinds(disk(1e9 - 1)), ["disk"]);
  deepEqual(kinds(disk(2e9 - 1), ["disk"]), ["disk"]);
  deepEqual(kinds(disk(2e9), ["disk"]), []);
});

test("a small disk is judged by its share, not by what a large one needs", () => {
  const disk = (free: number) => ({ disk: { free, total: 24e6 } });
  deepEqual(kinds(disk(1.2e6)), []);
  deepEqual(kinds(disk(1.1e6)), ["disk"]);
});

test("each resource presses by itself, and says in one sentence what is short and until when", () => {
  deepEqual(kinds({ inodes: { free: 10, total: 2e6 } }), ["disk"]);
  deepEqual(kinds({ memory: { free: 4e8, total: 24e9 } }), ["memory"]);
  deepEqual(kinds({ files: { free: 100, total: 1_024 } }), ["files"]);
  deepEqual(kinds({ processes: { free: 400, total: 32_000 } }), ["processes"]);
  deepEqual(kinds({ memoryStall: 0.5 }), ["memory"]);
  deepEqual(kinds({ memoryStall: 0.2 }), []);
  deepEqual(kinds({ memoryStall: 0.2 }, ["memory"]), ["memory"]);
  deepEqual(kinds({ load: 30 }), []);
  deepEqual(kinds({ load: 31 }), ["load"]);
  deepEqual(kinds({ load: 25 }, ["load"]), ["load"]);
  deepEqual(kinds({ load: 24 }, ["load"]), []);
  const [pressure] = pressureOf({ ...plenty, disk: { free: 0.6e9, total: 50e9 } }, []);
  equal(pressure?.why, "600 MB of 50.0 GB of disk are free; new work starts at 2.0 GB");
});

test("whoever is not pressed while it was would not be pressed anew either", () => {
  const room = fc.record({ free: fc.nat(3e9), total: fc.constant(24e9) });
  fc.assert(
    fc.property(room, room, fc.double({ min: 0, max: 1, noNaN: true }), (disk, memory, memoryStall) => {
      const resources = { disk, memory, memoryStall };
      const anew = kinds(resources);
      const again = kinds(resources, ["disk", "memory"]);
      return anew.every((kind) => again.includes(kind));
    }),
  );
});
