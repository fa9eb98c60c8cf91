/**
 * Child: gives a journal its history, then a team with tasks that live, and dies as by kill -9.
 * `node history.ts JOURNAL TASKS SPENT LIVE`: so many tasks come to their end, each with SPENT reports of what it cost.
 */
import { Engine } from "../../src/engine/engine.ts";
import { takeInThread } from "../../src/engine/snapshot-thread.ts";
import { openSqliteJournal } from "../../src/journal/index.ts";
import { sleep, systemClock } from "../../src/lib/clock.ts";
import { seededRandom } from "../../src/lib/random.ts";
import type { Event } from "../../src/model/events.ts";
import { checkPlan, type Plan } from "../../src/model/plan.ts";
import { noUsage } from "../../src/model/usage.ts";
import { answersTo, benchTeam, planOf } from "../journal/loop.ts";

const [path = "", ...numbers] = process.argv.slice(2);
const [tasks = 0, spent = 0, live = 0] = numbers.map(Number);

const journal = openSqliteJournal(path);
const engine = await Engine.open({
  journal,
  clock: systemClock,
  random: seededRandom(1),
  takeSnapshot: () => takeInThread(path),
  onFatal(error) {
    throw error;
  },
});
const ended = Promise.withResolvers<void>();
const left = Promise.withResolvers<void>();
const working = Promise.withResolvers<void>();
let started = 0;
engine.subscribe((events) => {
  for (const event of events) {
    if (event.type === "teamEnded") ended.resolve();
    if (event.type === "teamArchived") left.resolve();
    if (event.type === "attemptStarted" && event.attempt.startsWith("live/") && ++started === benchTeam.desired)
      working.resolve();
    for (const report of reportsOn(event)) void engine.submit({ type: "acceptReport", node: "n1", report });
  }
});
await engine.submit({ type: "joinNode", node: "n1", pid: 1, cores: 2, agents: [], attempts: [] });
await create("past", planOf(tasks));
await ended.promise;
if (tasks > engine.options.maxEndedTasks) await left.promise;
const past = engine.seq;
await create("live", checkPlan({ tasks: Array.from({ length: live }, (_, i) => ({ id: `t${i}`, prompt: "Work." })) }));
await working.promise;
while (((await journal.latestSnapshot())?.seq ?? 0n) < past) {
  await engine.submit({ type: "scaleTeam", team: "live", desired: benchTeam.desired });
  await sleep(systemClock, 10);
}
process.stdout.write(`${engine.seq}\n`);
process.kill(process.pid, "SIGKILL");

async function create(id: string, plan: Plan): Promise<void> {
  await engine.submit({ type: "createTeam", team: { ...benchTeam, id, name: id }, plan });
}

/** The attempts of the live team work on and on. */
function reportsOn(event: Event) {
  const all = answersTo(event);
  if (event.type !== "attemptLeased") return all;
  if (event.attempt.startsWith("live/")) return all.slice(0, 1);
  const costs = Array.from({ length: spent }, (_, i) => ({
    type: "attemptSpent" as const,
    attempt: event.attempt,
    usage: { ...noUsage, requests: i + 1, input: 9_000 * (i + 1), output: 300 * (i + 1), costUsd: 0.0123 * (i + 1) },
  }));
  return [...all.slice(0, 1), ...costs, ...all.slice(1)];
}
