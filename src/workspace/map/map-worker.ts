/** The thread that makes maps: see `repo-maps.ts`. It reads megabytes, and the node's loop must not wait for it. */
import { parentPort, workerData } from "node:worker_threads";
import { present } from "../../lib/assert.ts";
import { systemClock } from "../../lib/clock.ts";
import { GodelError, messageOf } from "../../lib/errors.ts";
import { Git } from "../git.ts";
import { buildMap } from "./build-map.ts";
import { grep } from "./grep.ts";
import { MapCache } from "./map-cache.ts";
import type { MapJob, MapResult } from "./repo-maps.ts";
import { selectFiles } from "./select.ts";

const gitTimeoutMs = 120_000;

present(parentPort, "the parent of this thread").postMessage(await work(workerData as MapJob));

async function work({ gitDir, head, cacheDir, selection }: MapJob): Promise<MapResult> {
  try {
    const git = new Git(systemClock, { processes: 1, timeoutMs: gitTimeoutMs });
    const cache = new MapCache(cacheDir);
    const tree = await git.text(["rev-parse", `${head}^{tree}`], { gitDir });
    const known = await cache.load(tree);
    const map = known ?? (await buildMap(git, gitDir, head));
    if (!known) await cache.save(map);
    const { query } = selection;
    const found = query === undefined ? undefined : await grep(git, { gitDir, tree, query });
    return { map: selectFiles(map, selection, found) };
  } catch (error) {
    return { code: error instanceof GodelError ? error.code : "INTERNAL", message: messageOf(error) };
  }
}
