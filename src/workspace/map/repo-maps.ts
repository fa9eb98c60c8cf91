import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { codeOf, type ErrorCode, GodelError } from "../../lib/errors.ts";
import type { RepoMap } from "../../model/repo-map.ts";
import type { MapSelection } from "./select.ts";

export interface MapJob {
  /** The folder that the repository's work trees share. */
  gitDir: string;
  head: string;
  cacheDir: string;
  selection: MapSelection;
}

export type MapResult = { map: RepoMap } | { code: ErrorCode; message: string };

/** Of the thread, in MiB. A repository for which this is too little is refused, rather than the node be killed for it. */
export const mapMemory = { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 48 };

/** Makes or loads the map of `head` in a thread of its own. @throws GodelError GIT_FAILED, DISK_FULL, REPO_TOO_LARGE */
export async function mapInThread(job: MapJob, memory = mapMemory): Promise<RepoMap> {
  const worker = new Worker(new URL("./map-worker.ts", import.meta.url), { workerData: job, resourceLimits: memory });
  try {
    const [result] = (await once(worker, "message")) as [MapResult];
    if ("map" in result) return result.map;
    throw new GodelError(result.code, result.message);
  } catch (error) {
    if (codeOf(error) !== "ERR_WORKER_OUT_OF_MEMORY") throw error;
    throw new GodelError("REPO_TOO_LARGE", `its map takes more than ${memory.maxOldGenerationSizeMb} MiB of memory.`);
  } finally {
    await worker.terminate();
  }
}
