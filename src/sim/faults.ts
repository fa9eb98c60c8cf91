import type { Command } from "../model/commands.ts";
import { agentEnded, taskEnded, teamEnded } from "../model/states.ts";
import type { AppendFault } from "./faulty-journal.ts";
import type { Fault } from "./scenario.ts";
import type { Process } from "./timeline.ts";
import type { GitStep, Trouble, TroubleKind } from "./trouble.ts";
import type { Wish, WishKind } from "./wishes.ts";
import type { World } from "./world.ts";

/** How long what lasts lasts, in ms: shorter ones are more likely. */
function lengthOf(roll: number, most = 120_000): number {
  return 500 + most * roll ** 3;
}

/** Lets a fault happen. False when there was nothing that it could befall. */
export function strike(world: World, { kind, roll }: Fault): boolean {
  const { engine } = world;
  const machine = world.machineFor(roll);
  const { node, wire, weather } = machine;
  switch (kind) {
    case "engine-crash":
      if (engine) world.killEngine("is killed");
      return engine !== null;
    case "append-dies-before":
    case "append-dies-after":
    case "append-unknown-written":
    case "append-unknown-lost":
      if (engine) engine.disk.next = kind.slice("append-".length) as AppendFault;
      return engine !== null;
    case "engine-replaced":
      return world.replaceEngine(lengthOf(roll, 60_000));
    case "engine-freeze":
      return freeze(world, engine?.process, lengthOf(roll, 40_000));
    case "engine-down":
      return takeDown(world);
    case "node-crash":
      if (node) machine.kill("is killed");
      return node !== null;
    case "node-dies-in-open":
    case "node-dies-in-adopt":
    case "node-dies-in-commit":
    case "node-dies-in-merge":
    case "node-dies-in-release":
      machine.trouble.nextToDieIn = kind.slice("node-dies-in-".length) as GitStep;
      return node !== null;
    case "node-freeze":
      return freeze(world, node?.process, lengthOf(roll, 50_000));
    case "host-crash":
    case "host-hang": {
      const hosts = [...(node?.pool?.hosts ?? [])];
      const host = hosts.find(({ isBusy }) => isBusy) ?? hosts.at(-1);
      if (kind === "host-crash") host?.die("was killed by SIGKILL");
      else host?.hang();
      return host !== undefined;
    }
    case "link-cut":
      wire?.cut();
      return wire?.isOpen ?? false;
    case "link-silent":
      weather.silent = true;
      world.timeline.after(lengthOf(roll, 20_000), () => {
        weather.silent = false;
      });
      return true;
    case "link-repeats":
      weather.repeats = true;
      world.timeline.after(lengthOf(roll), () => {
        weather.repeats = false;
      });
      return true;
    case "link-slow":
      weather.latencyMs = 1 + 3_000 * roll;
      world.timeline.after(lengthOf(roll, 60_000), () => {
        weather.latencyMs = 1;
      });
      return true;
    case "stale-order":
      return machine.stale.strike(roll, world.engine);
    case "rate-limited":
      world.provider.accounts.storm(world.timeline.now + lengthOf(roll, 60_000));
      return true;
    case "quota-spent":
      world.provider.accounts.spendQuota(roll, world.timeline.now + lengthOf(roll));
      return true;
    case "clock-skew":
      world.jump((roll - 0.5) * 48 * 3_600_000);
      return true;
    case "journal-full":
    case "slow-fsync":
      return trouble(world, [world.trouble], kind, lengthOf(roll));
    case "provider-down":
    case "model-refused":
      return trouble(world, world.troubles, kind, lengthOf(roll));
    case "node-crash-loop":
      // A short one says nothing of how often a node is started.
      return trouble(world, [machine.trouble], kind, 120_000 * roll);
    case "spawn-refused":
      // Of one that lives nothing is noticed.
      trouble(world, [machine.trouble], kind, 120_000 * roll);
      machine.kill("is killed, and not to be started");
      return node !== null;
    default:
      return trouble(world, [machine.trouble], kind, lengthOf(roll));
  }
}

function trouble({ timeline }: World, troubles: readonly Trouble[], kind: TroubleKind, lengthMs: number): boolean {
  for (const each of troubles) {
    each.begin(kind, timeline.now);
    timeline.after(lengthMs, () => each.end(kind));
  }
  return true;
}

function freeze(world: World, process: Process | undefined, lengthMs: number): boolean {
  if (!process?.isRunning) return false;
  process.freeze();
  world.timeline.after(lengthMs, () => process.thaw());
  return true;
}

/** How long the node may take to leave, in ms, before it is killed: as `godel down` has it. */
const leaveMs = 15_000;

/** `godel down`, and `godel up` a while later. */
function takeDown(world: World): boolean {
  const { engine, timeline } = world;
  if (!engine?.process.isRunning || !engine.links || world.down) return false;
  world.down = true;
  const until = timeline.now + leaveMs;
  const nodeGone = () =>
    new Promise<void>((resolve) => {
      const look = () => {
        const left = [...world.machines.values()].filter(({ node }) => node !== null);
        if (timeline.now > until) for (const machine of left) machine.kill("is killed by `godel down`");
        if (left.every(({ node }) => node === null)) resolve();
        else engine.process.after(20, look);
      };
      look();
    });
  engine.shutdown(nodeGone).catch((error) => world.fail(error));
  timeline.after(60_000, () => {
    world.down = false;
  });
  return true;
}

/** The command of a wish, for something that it can befall. */
export function commandOf(world: World, { kind, roll }: Wish): Command | null {
  const { teams, tasks, agents } = world.witness.state;
  const one = <T>(all: Iterable<T>, fits: (item: T) => boolean): T | undefined => {
    const found = [...all].filter(fits);
    return found[Math.floor(roll * found.length)];
  };
  const undone = [...world.witness.archives.tasks, ...tasks.values()].filter(
    ({ state }) => taskEnded(state) && state !== "done",
  );
  const command: Record<WishKind, () => Command | null> = {
    scale: () =>
      given(
        one(teams.values(), ({ state }) => !teamEnded(state)),
        ({ id, budgetUsd }) => {
          const desired = 1 + Math.floor(roll * 8);
          // Every other time to bounds, within which the size follows the work.
          const max = Math.floor(roll * 1_000) % 2 === 0 ? desired : desired + 4;
          // And every now and then to a larger budget.
          if (budgetUsd !== null && Math.floor(roll * 1_000) % 7 === 3)
            return { type: "raiseBudget", team: id, budgetUsd: budgetUsd * 1.5 };
          // Or to another model while its own are out.
          if (Math.floor(roll * 1_000) % 7 === 5)
            return { type: "standIn", team: id, model: roll < 0.5 ? null : "other/m" };
          return { type: "scaleTeam", team: id, desired, min: desired, max };
        },
      ),
    "pause-team": () =>
      given(
        one(teams.values(), ({ state }) => state === "running"),
        ({ id }) => {
          return { type: "pauseTeam", team: id };
        },
      ),
    "kill-team": () =>
      given(
        one(teams.values(), ({ state }) => !teamEnded(state)),
        ({ id }) => {
          return { type: "killTeam", team: id };
        },
      ),
    "pause-agent": () =>
      given(
        one(agents.values(), ({ state }) => state === "idle" || state === "busy"),
        ({ id }) => {
          return { type: "pauseAgent", agent: id };
        },
      ),
    "resume-agent": () =>
      given(
        one(agents.values(), ({ state }) => state === "paused"),
        ({ id }) => {
          return { type: "resumeAgent", agent: id };
        },
      ),
    "kill-agent": () =>
      given(
        one(agents.values(), ({ state }) => !agentEnded(state)),
        ({ id }) => {
          return { type: "killAgent", agent: id };
        },
      ),
    "cancel-task": () =>
      given(
        one(tasks.values(), ({ state }) => !taskEnded(state)),
        ({ id }) => {
          return { type: "cancelTask", task: id };
        },
      ),
    "reassign-task": () =>
      given(
        one(tasks.values(), (task) => task.state === "running"),
        ({ id }) => {
          return { type: "reassignTask", task: id };
        },
      ),
    "retry-task": () =>
      given(
        // One of a team that is done first: few have such a task, and to retry it opens the team again.
        one(undone, ({ team }) => teams.get(team)?.state === "done") ?? one(undone, () => true),
        ({ id }) => {
          return { type: "retryTask", task: id };
        },
      ),
  };
  return command[kind]();
}

function given<T>(thing: T | undefined, make: (thing: T) => Command): Command | null {
  return thing === undefined ? null : make(thing);
}
