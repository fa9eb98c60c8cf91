import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Engine } from "../../src/engine/engine.ts";
import { replay } from "../../src/engine/replay.ts";
import { openSqliteJournal } from "../../src/journal/index.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { seededRandom } from "../../src/lib/random.ts";
import type { Event } from "../../src/model/events.ts";
import { checkPlan } from "../../src/model/plan.ts";
import { type BenchOptions, type Figure, inScratch } from "../harness.ts";

const agents = 1_000;
const teams = ["t1", "t2"];
const aims = { transitionsPerSecond: 10_000, replaySecondsPerMillion: 3 };
/** Each moves a task to another state. */
const transitions = new Set(["taskQueued", "attemptLeased", "attemptVerifying", "attemptMerging", "taskDone"]);

/**
 * The shipped loop on a journal with synchronous=FULL: two teams of 1,000 agents whose nodes answer at once, so that the
 * loop is all there is. Then the replay of what it wrote, through `evolve`, with every invariant checked at the end.
 */
export function loopFigures({ quick, seed }: BenchOptions): Promise<Figure[]> {
  // A plan has at most 100,000 tasks; two of these make a million events.
  const tasks = quick ? 5_000 : 72_000;
  return inScratch(async (folder) => {
    const path = join(folder, "journal.db");
    const run = await drive(path, tasks, seed);
    const raw = rawSeconds(join(folder, "raw"), run.batches);
    const replayed = await timedReplay(path);
    const count = run.batches.reduce((sum, batch) => sum + batch.events, 0);
    return [
      {
        name: `loop: task transitions, ${teams.length} x ${agents} agents, ${(teams.length * tasks).toLocaleString("en-US")} tasks`,
        value: run.transitions / run.seconds,
        unit: "/s",
        aim: { above: aims.transitionsPerSecond },
        beside: [{ name: "raw write + fdatasync of the same batches", value: run.transitions / raw }],
      },
      {
        name: `loop: events a commit, ${run.batches.length.toLocaleString("en-US")} commits`,
        value: count / run.batches.length,
        unit: "",
        aim: null,
        beside: [],
      },
      {
        name: `replay of ${count.toLocaleString("en-US")} of its events through evolve`,
        value: replayed,
        unit: "s",
        aim: { below: Math.max(0.1, (aims.replaySecondsPerMillion * count) / 1e6) },
        beside: [],
      },
    ];
  });
}

interface Batch {
  events: number;
  bytes: number;
}

async function drive(path: string, tasks: number, seed: number) {
  const journal = openSqliteJournal(path, { inThread: true });
  const never = 1_000_000_000;
  let isOver = false;
  const engine = await Engine.open({
    journal,
    clock: systemClock,
    random: seededRandom(seed),
    // The replay must read events, not a snapshot of them.
    options: { snapshotEvery: never },
    onFatal: (error) => {
      if (!isOver) throw error;
    },
  });
  const batches: Batch[] = [];
  let moved = 0;
  const open = new Set(teams);
  const ended = Promise.withResolvers<void>();
  engine.subscribe((events) => {
    batches.push({ events: events.length, bytes: Buffer.byteLength(JSON.stringify(events)) });
    for (const event of events) {
      if (transitions.has(event.type)) moved++;
      if (event.type === "teamEnded" && open.delete(event.team) && open.size === 0) ended.resolve();
      for (const report of answersTo(event)) void engine.submit({ type: "acceptReport", node: "n1", report });
    }
  });
  await engine.submit({ type: "joinNode", node: "n1", pid: 1, cores: 2, agents: [], attempts: [] });
  const start = performance.now();
  for (const id of teams)
    await engine.submit({ type: "createTeam", team: { ...benchTeam, id, name: id }, plan: planOf(tasks) });
  await ended.promise;
  const seconds = (performance.now() - start) / 1_000;
  // Not `engine.close`: it would leave a snapshot to replay from. Agents that drain meanwhile are of no interest.
  isOver = true;
  await journal.close();
  return { batches, transitions: moved, seconds };
}

/** What a node reports that takes no time for anything. */
export function answersTo(event: Event) {
  switch (event.type) {
    case "agentRequested":
      return [{ type: "agentReady", agent: event.agent, hostPid: 1, sessionId: event.agent } as const];
    case "attemptLeased":
      return [
        { type: "attemptStarted", attempt: event.attempt, sessionId: event.agent, transcript: null } as const,
        { type: "attemptVerifying", attempt: event.attempt } as const,
        {
          type: "attemptVerified",
          attempt: event.attempt,
          commit: "0123456789abcdef0123456789abcdef01234567",
        } as const,
      ];
    case "agentDraining":
      return [{ type: "agentStopped", agent: event.agent, reason: "drained", failed: false } as const];
    case "attemptMerging":
      return [
        { type: "attemptMerged", attempt: event.attempt, commit: "0123456789abcdef0123456789abcdef01234567" } as const,
      ];
    default:
      return [];
  }
}

/** Chains of ten, so that needs are resolved too. */
export function planOf(tasks: number) {
  const list = Array.from({ length: tasks }, (_, i) => ({
    id: `task-${i}`,
    prompt: "Rewrite one module, and check that it still parses.",
    needs: i % 10 === 0 ? [] : [`task-${i - 1}`],
  }));
  return checkPlan({ tasks: list });
}

export const benchTeam = {
  goal: "bench",
  repo: "/repo",
  base: "0",
  branch: "godel/bench",
  model: "demo",
  runtime: "pi",
  skills: [],
  gates: [],
  desired: agents,
  min: agents,
  max: agents,
  budgetUsd: null,
};

/** The least that durability could cost for these commits. */
function rawSeconds(path: string, batches: readonly Batch[]): number {
  const file = openSync(path, "a");
  const page = Buffer.alloc(Math.max(...batches.map(({ bytes }) => bytes)), "x");
  const start = performance.now();
  for (const { bytes } of batches) {
    writeSync(file, page, 0, bytes);
    fdatasyncSync(file);
  }
  const seconds = (performance.now() - start) / 1_000;
  closeSync(file);
  return seconds;
}

async function timedReplay(path: string): Promise<number> {
  const journal = openSqliteJournal(path, { inThread: true });
  const start = performance.now();
  await replay(journal);
  const seconds = (performance.now() - start) / 1_000;
  await journal.close();
  return seconds;
}
