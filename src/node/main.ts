/** The node's process. It is started by the engine, and outlives it. */
import { writeFileSync } from "node:fs";
import { systemClock } from "../lib/clock.ts";
import { processLog } from "../lib/log.ts";
import { acquireProcessLock } from "../lib/process-lock.ts";
import { homeOf } from "../model/home.ts";
import { localWorld } from "./local-world.ts";
import { Node, nodeDefaults } from "./node.ts";

const home = homeOf(process.env);
const log = processLog(systemClock, { file: home.nodeLog });

async function main(): Promise<void> {
  // Two nodes on one home would answer for the same worktrees.
  const lock = acquireProcessLock(home.nodeLock);
  // An engine that did not start this node, and that it has not linked to yet, knows by it whom to wait for, or to end.
  writeFileSync(home.nodePid, String(process.pid));
  const world = localWorld(home, process.env, systemClock, log.warn);
  const node = await Node.open({
    ...nodeDefaults,
    id: "local",
    home,
    clock: systemClock,
    world,
    onLeft() {
      lock.release();
      void world.flush().finally(() => process.exit(0));
    },
  });
  process.on("SIGTERM", () => void node.leave());
  process.on("SIGINT", () => void node.leave());
}

main().catch((error) => {
  log.fatal(error);
  process.exit(1);
});
