import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { type ErrorCode, GodelError } from "../../lib/errors.ts";
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

/** Makes or loads the map of `head` in a thread of its own. @throws GodelError GIT_FAILED, DISK_FULL */
export async function mapInThread(job: MapJob): Promise<RepoMap> {
  const worker = new Worker(new URL("./map-worker.ts", import.meta.url), { workerData: job });
  try {
    const [result] = (await once(worker, "message")) as [MapResult];
    if ("map" in result) return result.map;
    throw new GodelError(result.code, result.message);
  } finally {
    await worker.terminate();
  }
}
