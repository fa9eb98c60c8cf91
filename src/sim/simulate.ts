import { messageOf } from "../lib/errors.ts";
import { BrokenPromise } from "./broken-promise.ts";
import type { Bugs } from "./bugs.ts";
import type { Coverage } from "./coverage.ts";
import { commandOf, strike } from "./faults.ts";
import { Person } from "./person.ts";
import type { Scenario } from "./scenario.ts";
import { World } from "./world.ts";

export interface Outcome {
  seed: number;
  /** Null when every promise was kept. */
  failure: { promise: string; seen: string; atMs: number; stack: string } | null;
  simulatedMs: number;
  /** Until then a team was at work. */
  workedMs: number;
  steps: number;
  coverage: Coverage;
}

export interface SimulationOptions {
  bugs?: Bugs;
  trace?: (line: string) => void;
}

/** Once the faults are over, everything must have ended within this time. */
const restMs = 4 * 3_600_000;

/** Plays a scenario from its start until all is done, or a promise is broken. The same each time. */
export async function simulate(scenario: Scenario, options: SimulationOptions = {}): Promise<Outcome> {
  const world = new World({ scenario, ...options });
  const onRejection = (error: unknown) => world.fail(error);
  process.on("unhandledRejection", onRejection);
  const steps = await play(world, scenario).finally(() => process.off("unhandledRejection", onRejection));
  const { failure, timeline, coverage } = world;
  return {
    seed: scenario.seed,
    failure: failure === null ? null : { ...describe(failure), atMs: timeline.now },
    simulatedMs: timeline.now,
    workedMs: world.workedMs,
    steps,
    coverage,
  };
}

async function play(world: World, scenario: Scenario): Promise<number> {
  prepare(world, scenario);
  const { timeline } = world;
  let steps = 0;
  // Whoever called, from here on nothing is before it at the end of a step.
  await settled(steps);
  while (world.failure === null && timeline.step()) {
    await settled(++steps);
    world.check();
    if (timeline.now < scenario.calmMs || world.failure !== null) continue;
    const open = world.unfinished();
    if (open === null) {
      await finish(world);
      break;
    }
    if (timeline.now > scenario.calmMs + restMs)
      world.fail(new BrokenPromise("once faults stop, everything ends", open));
  }
  await new Promise((resolve) => setImmediate(resolve));
  return steps;
}

/** How many steps may pass before a promise that was rejected unheard must be noticed. */
const stepsUnheard = 32;

/** All that can run at this moment has run: Node empties the queue of microtasks before the next tick. */
function settled(step: number): Promise<void> {
  // Only between macrotasks does it tell of unheard rejections, and that costs several times as much.
  return new Promise((resolve) => (step % stepsUnheard === 0 ? setImmediate(resolve) : process.nextTick(resolve)));
}

function prepare(world: World, scenario: Scenario): void {
  const { timeline, coverage } = world;
  const person = new Person(world);
  for (const team of scenario.teams) person.spawn(team);
  for (const fault of scenario.faults) {
    timeline.after(fault.atMs, () => {
      world.log(`FAULT ${fault.kind}`);
      if (strike(world, fault)) coverage.add(`fault ${fault.kind}`);
    });
  }
  for (const wish of scenario.wishes) {
    timeline.after(wish.atMs, () => {
      const command = commandOf(world, wish);
      if (!command) return;
      world.log(`WISH ${JSON.stringify(command)}`);
      person.ask(command).then((done) => {
        if (done) coverage.add(`wish ${wish.kind}`);
      });
    });
  }
  timeline.after(scenario.calmMs, () => {
    world.log("CALM");
    for (const trouble of world.troubles) trouble.agentsMayFail = false;
    person.resumeAll();
  });
}

async function finish(world: World): Promise<void> {
  try {
    await world.witness.archives.check(world.store);
    world.promises.final();
    const state = world.engine?.engine?.state;
    if (state) world.witness.agreesWith(state);
  } catch (error) {
    world.fail(error);
  }
}

function describe(failure: unknown): { promise: string; seen: string; stack: string } {
  const stack = failure instanceof Error ? (failure.stack ?? "") : "";
  if (failure instanceof BrokenPromise) return { promise: failure.promise, seen: failure.message, stack };
  return { promise: "nothing of ours throws", seen: messageOf(failure), stack };
}
