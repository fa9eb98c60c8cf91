/** Troubles of one kind at a time: a fleet that is scaled up and down, gates that hang, a disk that fills up. */
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep, systemClock } from "../../src/lib/clock.ts";
import { mountSmallDisk, unmountDisk } from "../../src/lib/small-disk.testing.ts";
import { Dice } from "../../src/sim/dice.ts";
import { Arena } from "./arena.testing.ts";
import { slowModel } from "./provider.testing.ts";
import { type Outcome, Storm, type StormOptions } from "./storm.testing.ts";
import { broken } from "./witness.testing.ts";
import { modulePlan } from "./workload.testing.ts";

/** A new size for the fleet every `everyMs`, from 1 to `agents`, until `durationMs`. */
export async function scaleCycles(options: StormOptions): Promise<Outcome> {
  return underTrouble(options, async (arena, goesOn) => {
    const dice = new Dice(options.seed, "sizes");
    let cycles = 0;
    for (; goesOn(); cycles++) {
      // Small and large in turn, so that each step is a long one.
      const half = Math.ceil(options.agents / 2);
      const count = cycles % 2 === 0 ? dice.whole(1, half) : dice.whole(half, options.agents);
      const { items } = await arena.answered(() =>
        arena.stage.get<{ items: { name: string; state: string }[] }>("/api/v1/teams"),
      );
      const team = items.find(({ state }) => state === "running");
      if (team) await arena.stage.post(`/api/v1/teams/${team.name}/scale`, { count }).catch(() => {});
      options.say(`${count} agents wanted`);
      await sleep(systemClock, options.everyMs);
    }
    return { cycles };
  });
}

/** The disk of GODEL_HOME is full for a while, and has room again, every `everyMs`. Throws where none can be mounted. */
export async function fullDisk(options: StormOptions): Promise<Outcome> {
  const disk = mkdtempSync(join(tmpdir(), "godel disk "));
  if (!mountSmallDisk(disk, "96m")) throw new Error("this user may not mount a small disk");
  try {
    return await underTrouble({ ...options, home: disk }, async (arena, goesOn) => {
      const filler = join(disk, "filler");
      let fills = 0;
      for (; goesOn(); fills++) {
        fill(filler);
        options.say("the disk is full");
        await sleep(systemClock, options.everyMs / 2);
        rmSync(filler);
        options.say("the disk has room");
        await sleep(systemClock, options.everyMs / 2);
      }
      const expected = arena.surprises.filter((said) => said.includes("DISK_FULL"));
      arena.surprises.splice(0, arena.surprises.length, ...arena.surprises.filter((said) => !expected.includes(said)));
      return { fills, engineStops: expected.length };
    });
  } finally {
    unmountDisk(disk);
    rmSync(disk, { recursive: true, force: true });
  }
}

/** A gate of one task never ends, and keeps a process of its own. The others are done, and cancelling it leaves nothing. */
export async function hungGate(options: StormOptions): Promise<Outcome> {
  const arena = await Arena.open(options);
  try {
    const run = new Storm(arena, options);
    const { stage } = arena;
    await arena.start();
    const plan = modulePlan(options.modules);
    const hung = {
      id: "hung",
      prompt: "Use const in `m000.js`.",
      diff: "optional",
      gates: ["setsid sleep 100000 & wait"],
    };
    await arena.spawn({
      name: "gates",
      plan: { ...plan, tasks: [hung, ...plan.tasks] },
      count: options.agents,
      model: slowModel,
    });
    await run.until("gates", ({ tasks }) => tasks.done === options.modules);
    const before = arena.prey("command").length;
    await arena.answered(() => stage.post("/api/v1/tasks/hung/cancel"));
    const { team } = await run.until("gates", ({ agents }) => agents.total === 0);
    options.say(`gates: ${team.state} after the cancellation`);
    await run.calm(["gates"]);
    await arena.down();
    const found = await broken({ stage, teams: ["gates"], cancelled: ["hung"] });
    return {
      broken: [...run.broken, ...found, ...arena.surprises],
      figures: { ...run.figures, hungProcesses: before },
    };
  } finally {
    await arena.close();
  }
}

/** Waves of work, with `trouble` beside them for as long as the options say. */
async function underTrouble(
  options: StormOptions,
  trouble: (arena: Arena, goesOn: () => boolean) => Promise<Record<string, number>>,
): Promise<Outcome> {
  const arena = await Arena.open(options);
  try {
    const run = new Storm(arena, options);
    await arena.start();
    const start = systemClock.monotonic();
    const goesOn = () => systemClock.monotonic() - start < options.durationMs;
    const [teams, figures] = await Promise.all([run.waves(goesOn), trouble(arena, goesOn)]);
    await run.calm(teams);
    await arena.down();
    const found = await broken({ stage: arena.stage, teams });
    return {
      broken: [...run.broken, ...found, ...arena.surprises, ...arena.nodeBugs()],
      figures: { ...run.figures, ...figures },
    };
  } finally {
    await arena.close();
  }
}

/** Leaves no room on the disk. */
function fill(path: string): void {
  const page = Buffer.alloc(64 * 1_024);
  try {
    for (;;) appendFileSync(path, page);
  } catch {
    // Full: that is the point.
  }
}
