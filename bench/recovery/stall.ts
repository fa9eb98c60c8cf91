/**
 * Child: an engine at work on a journal with a history, whose snapshots follow one another without a pause.
 * `node stall.ts JOURNAL SECONDS SNAPSHOTS` prints, in ms, how long the loop was held up: while a snapshot was under
 * way, or, with SNAPSHOTS 0, at all. `busy` is how long its thread was on a processor meanwhile: the rest it waited for the
 * disk, or for a processor that others had.
 */
import { Engine } from "../../src/engine/engine.ts";
import { takeInThread } from "../../src/engine/snapshot-thread.ts";
import { openSqliteJournal } from "../../src/journal/index.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import type { Report } from "../../src/model/link.ts";
import type { AttemptId } from "../../src/model/records.ts";
import { attemptEnded } from "../../src/model/states.ts";
import { answersTo } from "../journal/loop.ts";

const [path = "", ...numbers] = process.argv.slice(2);
const [seconds = 0, snapshots = 0] = numbers.map(Number);
/** 10,000 agents that make 5 transitions a minute. */
const eventsPerSecond = 830;
/** Of a task that comes to its end: leased, started, verifying, merging, accepted, done. */
const eventsPerTask = 6;
const tickMs = 10;
const beatMs = 1;
/** Not measured: the log of the crash is written back, and code is compiled. */
const warmMs = 2_000;

const journal = openSqliteJournal(path, { inThread: true });
let underWay = 0;
let taken = 0;
const save = journal.saveSnapshot.bind(journal);
journal.saveSnapshot = async (...given) => {
  await save(...given);
  taken++;
};
const truncate = journal.truncate.bind(journal);
journal.truncate = (...given) => truncate(...given).finally(() => underWay--);
const engine = await Engine.open({
  journal,
  clock: systemClock,
  random: systemRandom,
  options: { snapshotEvery: snapshots > 0 ? 100 : 1_000_000_000 },
  takeSnapshot() {
    underWay++;
    return takeInThread(path);
  },
  onFatal(error) {
    throw error;
  },
});
const agents = [...engine.state.agents.values()].filter(({ team }) => team === "live").map(({ id }) => id);
const attempts = [...engine.state.attempts.values()].filter(({ state }) => !attemptEnded(state)).map(({ id }) => id);
const running: AttemptId[] = [];
engine.subscribe((events) => {
  for (const event of events) {
    if (event.type === "attemptLeased") running.push(event.attempt);
    if (event.type === "attemptMerging") for (const report of answersTo(event)) send(report);
  }
});
await engine.submit({ type: "joinNode", node: "n1", pid: 1, cores: 2, agents, attempts });
running.push(...attempts);

const stalls: number[] = [];
const busy: number[] = [];
const begin = performance.now() + warmMs;
const end = begin + seconds * 1_000;
const ticks = setInterval(work, tickMs);
let due = 0;
let last = performance.now();
let lastBusy = busyMs();
let wasUnderWay = false;
beat();

function beat(): void {
  const now = performance.now();
  const nowBusy = busyMs();
  if (now > begin && (snapshots === 0 || underWay > 0 || wasUnderWay)) {
    stalls.push(Math.max(0, now - last - beatMs));
    busy.push(nowBusy - lastBusy);
  }
  wasUnderWay = underWay > 0;
  [last, lastBusy] = [now, nowBusy];
  if (now < end) setTimeout(beat, beatMs);
  else finish();
}

/** Processor time of this thread. */
function busyMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Lets as many attempts come to their end as a busy fleet would. */
function work(): void {
  for (due += (eventsPerSecond * tickMs) / 1_000 / eventsPerTask; due >= 1; due--) {
    const attempt = running.shift();
    if (attempt === undefined) return;
    send({ type: "attemptStarted", attempt, sessionId: "s", transcript: null });
    send({ type: "attemptVerifying", attempt });
    send({ type: "attemptVerified", attempt, commit: "0123456789abcdef0123456789abcdef01234567" });
  }
}

function send(report: Report): void {
  void engine.submit({ type: "acceptReport", node: "n1", report });
}

function finish(): void {
  clearInterval(ticks);
  process.stdout.write(`${JSON.stringify({ stalls, busy, taken, seq: String(engine.seq) })}\n`, () =>
    process.kill(process.pid, "SIGKILL"),
  );
}
