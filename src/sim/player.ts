/** A thread that plays scenarios: see `players.ts`. */
import { parentPort } from "node:worker_threads";
import { present } from "../lib/assert.ts";
import type { Told } from "./players.ts";
import type { Scenario } from "./scenario.ts";
import { simulate } from "./simulate.ts";

const port = present(parentPort, "the parent of this thread");

port.on("message", async (scenario: Scenario) => {
  const outcome = await simulate(scenario);
  const told: Told = { ...outcome, coverage: outcome.coverage.counts };
  port.postMessage(told);
});
