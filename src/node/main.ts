/** The node's process. It is started by the engine, and outlives it. */
import { systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { acquireProcessLock } from "../lib/process-lock.ts";
import { homeOf } from "../model/home.ts";
import { localWorld } from "./local-world.ts";
import { Node, nodeDefaults } from "./node.ts";

async function main(): Promise<void> {
  const home = homeOf(process.env);
  // Two nodes on one home would answer for the same worktrees.
  const lock = acquireProcessLock(home.nodeLock);
  const node = await Node.open({
    ...nodeDefaults,
    id: "local",
    home,
    clock: systemClock,
    world: localWorld(home, process.env, systemClock),
    onLeft() {
      lock.release();
      process.exit(0);
    },
  });
  process.on("SIGTERM", () => void node.leave());
  process.on("SIGINT", () => void node.leave());
}

main().catch((error) => {
  console.error(error instanceof GodelError ? `${error.code}: ${error.message}` : error);
  process.exit(1);
});
