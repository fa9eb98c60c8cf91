import type { NodeResources } from "../model/resources.ts";
import type { Trouble } from "./trouble.ts";

const gigabyte = 1e9;

/** What the simulated machine has left. */
export function resourcesIn(trouble: Trouble): NodeResources {
  const diskFree = trouble.isOn("disk-full") ? 0 : trouble.isOn("disk-low") ? gigabyte / 2 : 50 * gigabyte;
  return {
    disk: { free: diskFree, total: 100 * gigabyte },
    inodes: null,
    memory: { free: trouble.isOn("memory-low") ? gigabyte / 4 : 8 * gigabyte, total: 16 * gigabyte },
    files: { free: trouble.isOn("files-low") ? 20 : 900, total: 1_024 },
    processes: null,
    memoryStall: 0,
  };
}
