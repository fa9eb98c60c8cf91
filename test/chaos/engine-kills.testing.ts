/** kill -9 of the engine, again and again, while a fleet is at work and people hand in more. */
import { join } from "node:path";
import type { TeamStatus } from "../../src/api/wire.ts";
import { type JournalReader, readSqliteJournal } from "../../src/journal/index.ts";
import { type Millis, sleep, systemClock } from "../../src/lib/clock.ts";
import { codeOf } from "../../src/lib/errors.ts";
import { Dice } from "../../src/sim/dice.ts";
import { shellPlan } from "../stage.testing.ts";
import { Arena } from "./arena.testing.ts";
import { type Outcome, Storm, type StormOptions } from "./storm.testing.ts";
import { broken } from "./witness.testing.ts";

/** The longest that the engine may live after it has given out work again. */
const longestLifeMs = 1_500;
/** Tasks that are queued when the engine is killed, for it to be under load: else there may be none to give out again. */
const fewestQueued = 10;
const lookMs = 5;

/** `kills` under load, and those between two teams. Each team that was acknowledged must have done what it was asked for. */
export async function engineKills(options: StormOptions & { kills: number }): Promise<Outcome> {
  const arena = await Arena.open(options);
  try {
    const run = new Storm(arena, options);
    await arena.start();
    const waits: Millis[] = [];
    const waves = run.waves(() => waits.length < options.kills);
    const dice = new Dice(options.seed, "engine kills");
    const asides: Promise<string>[] = [];
    await run.acknowledged("wave-1");
    let kills = 0;
    for (; waits.length < options.kills; kills++) {
      asides.push(aside(arena, kills));
      await sleep(systemClock, dice.between(0, longestLifeMs));
      const tasks = await run.newestTasks();
      const before = await lastSeq(arena);
      arena.killEngine();
      const engines = arena.starts.length;
      while (arena.starts.length === engines) await sleep(systemClock, lookMs);
      const waited = (await firstDispatch(arena, before)) - (arena.starts.at(-1) ?? 0);
      if (tasks && tasks.queued >= fewestQueued && taken(tasks) > options.agents) waits.push(waited);
      options.say(`kill ${kills + 1}, ${tasks?.queued ?? 0} tasks queued: work was given out again after ${waited} ms`);
    }
    const teams = await waves;
    const small = await Promise.all(asides);
    await run.calm([...teams, ...small]);
    await arena.down();
    const found = await broken({ stage: arena.stage, teams, asides: small });
    const sorted = waits.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      broken: [...run.broken, ...found, ...arena.surprises, ...arena.nodeBugs()],
      figures: { ...run.figures, kills, underLoad: waits.length, dispatchP50Ms: at(0.5), dispatchP99Ms: at(0.99) },
    };
  } finally {
    await arena.close();
  }
}

/** Tasks that were given out. As long as these are no more than the agents, each is at its first, and none is free for another. */
function taken({ total, blocked, queued }: TeamStatus["tasks"]): number {
  return total - blocked - queued;
}

/** A team of one task beside the others, handed in at about the time that the engine is killed; its name, once acknowledged. */
async function aside(arena: Arena, nth: number): Promise<string> {
  const name = `aside-${nth}`;
  await arena.spawn({ name, plan: shellPlan(1), runtime: "command" });
  return name;
}

async function lastSeq(arena: Arena): Promise<bigint> {
  const { seq } = await arena.answered(() => arena.stage.get<{ seq: string }>("/api/v1/health"));
  return BigInt(seq);
}

/** When the newest engine first gave out work, wall time, by the journal. */
async function firstDispatch(arena: Arena, after: bigint): Promise<Millis> {
  const since = arena.starts.at(-1) ?? 0;
  for (;;) {
    const journal = openJournal(arena);
    if (journal === null) {
      await sleep(systemClock, lookMs);
      continue;
    }
    try {
      for await (const { events } of journal.read(after)) {
        const first = events.find(({ type, at }) => type === "attemptLeased" && at >= since);
        if (first) return first.at;
      }
    } finally {
      await journal.close();
    }
    await sleep(systemClock, lookMs);
  }
}

/** Null while SQLite recovers what the killed engine left: nobody may read meanwhile. */
function openJournal(arena: Arena): JournalReader | null {
  try {
    return readSqliteJournal(join(arena.stage.home, "journal.db"));
  } catch (error) {
    if (codeOf(error) === "ENGINE_RUNNING") return null;
    throw error;
  }
}
