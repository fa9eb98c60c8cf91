/** Machines for tests. */
import type { NodeResources } from "./resources.ts";

/** Nothing of it can be measured. */
export const unmeasured: NodeResources = {
  disk: null,
  inodes: null,
  memory: null,
  files: null,
  processes: null,
  memoryStall: null,
};

/** Half of its disk and of its memory is free; the rest is not measured. */
export const halfFree: NodeResources = {
  ...unmeasured,
  disk: { free: 50e9, total: 100e9 },
  memory: { free: 8e9, total: 16e9 },
};
