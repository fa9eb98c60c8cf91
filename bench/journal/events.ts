import { type Random, seededRandom, shortId } from "../../src/lib/random.ts";
import type { Event } from "../../src/model/events.ts";

/** `count` events as a busy fleet causes them, about 300 B each as JSON: the lives of attempts that are accepted. */
export function typicalEvents(seed: number, count: number): Event[] {
  const random = seededRandom(seed);
  const events: Event[] = [];
  for (let task = 0; events.length < count; task++) events.push(...lifeOfTask(random, task));
  return events.slice(0, count);
}

/** The batches of `size` that `events` cut into, without the rest that does not fill one. */
export function batchesOf(events: readonly Event[], size: number): Event[][] {
  return Array.from({ length: Math.floor(events.length / size) }, (_, i) => events.slice(i * size, (i + 1) * size));
}

/** One event a line. */
export function toLines(events: readonly Event[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

function lifeOfTask(random: Random, number: number): Event[] {
  const team = shortId(random, "t");
  const key = `convert-${shortId(random, "module-")}`;
  const [task, attempt] = [`${team}/${key}`, `${team}/${key}/2`];
  const at = 1_760_000_000_000 + number * 137;
  const commit = shortId(random, "c", 39);
  const transcript = `/home/dev/.godel/teams/${team}/tasks/${key}/attempts/2/transcript-${shortId(random, "s", 24)}.jsonl`;
  return [
    { type: "taskQueued", at, task, notBefore: at + 2_000, feedback: feedback(random, key) },
    { type: "attemptLeased", at, attempt, task, agent: `${team}-a${number % 500}`, number: 2 },
    { type: "attemptStarted", at, attempt, sessionId: shortId(random, "s", 35), transcript },
    { type: "attemptSpent", at, attempt, usage: usage(random) },
    { type: "attemptSpent", at, attempt, usage: usage(random) },
    { type: "attemptMerging", at, attempt, commit },
    {
      type: "attemptEnded",
      at,
      attempt,
      state: "rejected",
      failure: { reason: "gate", detail: feedback(random, key) },
      commit,
    },
  ];
}

function feedback(random: Random, key: string): string {
  const line = Math.floor(random.next() * 900);
  const trace = `    at load (src/legacy/${key}.js:${line}:17)\n    at Module._compile (node:internal/modules/cjs:1554:14)\n`;
  return `gate "npm test" failed with exit code 1:\n  Error: require is not defined in an ES module scope\n${trace}${trace}`;
}

function usage(random: Random) {
  const tokens = (most: number) => Math.floor(random.next() * most);
  return {
    requests: tokens(40),
    input: tokens(90_000),
    output: tokens(9_000),
    cacheRead: tokens(900_000),
    cacheWrite: tokens(60_000),
    costUsd: random.next(),
  };
}
