/** The life of one attempt, from open to release: what `crash` runs and kills. */
import { makeFleet } from "./repository.testing.ts";

const [repo = "", root = ""] = process.argv.slice(2);
const fleet = await makeFleet(repo, { root });
const { workspace, commit } = await fleet.work("task", { "work.txt": "work\n" });
await fleet.merge("task", commit);
await fleet.workspaces.release(workspace.attempt);
