/** The life of one attempt, from open to release, and the start of the next: what `crash` runs and kills. */
import { makeFleet } from "./repository.testing.ts";

const [repo = "", root = "", spares = ""] = process.argv.slice(2);
const fleet = await makeFleet(repo, { root, limits: { spares: Number(spares) } });
const { workspace, commit } = await fleet.work("task", { "work.txt": "work\n" });
await fleet.merge("task", commit);
await fleet.workspaces.release(workspace.attempt);
await fleet.open("next");
