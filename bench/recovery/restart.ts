/**
 * Child: an engine that starts after a crash while its node lives. `node restart.ts JOURNAL` prints, in ms since the
 * process began, when the state was there and when the first attempt was leased.
 */
import { Engine } from "../../src/engine/engine.ts";
import { takeInThread } from "../../src/engine/snapshot-thread.ts";
import { openSqliteJournal } from "../../src/journal/index.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { attemptEnded } from "../../src/model/states.ts";

const [path = ""] = process.argv.slice(2);
const loading = performance.now();
const engine = await Engine.open({
  journal: openSqliteJournal(path, { inThread: true }),
  clock: systemClock,
  random: systemRandom,
  takeSnapshot: () => takeInThread(path),
  onFatal(error) {
    throw error;
  },
});
const open = performance.now();
const live = [...engine.state.agents.values()].filter(({ team }) => team === "live").map(({ id }) => id);
const attempts = [...engine.state.attempts.values()].filter(({ state }) => !attemptEnded(state)).map(({ id }) => id);
const leased = new Promise<void>((resolve) => {
  engine.subscribe((events) => {
    if (events.some(({ type }) => type === "attemptLeased")) resolve();
  });
});
await engine.submit({ type: "joinNode", node: "n1", pid: 1, cores: 2, agents: live, attempts });
// Its outbox: an agent has finished meanwhile, and is free for the next task.
const attempt = [...engine.state.attempts.values()].find(({ state }) => state === "running")?.id ?? "";
void engine.submit({ type: "acceptReport", node: "n1", report: { type: "attemptVerifying", attempt } });
await leased;
const first = performance.now();
process.stdout.write(
  `${JSON.stringify({ loading, open, first, tasks: engine.state.tasks.size, live: attempts.length })}\n`,
);
process.kill(process.pid, "SIGKILL");
