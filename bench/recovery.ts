import { spawn } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { assert } from "../src/lib/assert.ts";
import { type Bench, type Figure, inScratch, median, quantile } from "./harness.ts";
import { replayFigures } from "./journal/replay.ts";

const aims = { firstDispatchMs: 1_000, stallMs: 20 };
const live = 10_000;
/** What a million events are made of: few tasks with many model requests each, or many tasks that stay in the state. */
const histories = {
  full: [
    { tasks: 20_000, spent: 43 },
    { tasks: 100_000, spent: 3 },
  ],
  quick: [{ tasks: 2_000, spent: 43 }],
};

/**
 * An engine that was killed with 10,000 live tasks, in a process of its own each time: from the start of the process to
 * the first attempt that is leased and durable. Then how long snapshots hold up the loop, with one always under way,
 * beside the same without any. Then how long a replay takes beside plain JSON lines of the same events.
 */
export const bench: Bench = {
  name: "recovery",
  about: "restart to first dispatch with 10,000 live tasks and 1M events behind, and what snapshots cost the loop",
  run: (options) =>
    inScratch(async (folder) => {
      const figures: Figure[] = [];
      const { quick } = options;
      const rounds = quick ? 2 : 5;
      for (const history of quick ? histories.quick : histories.full) {
        const path = join(folder, `${history.tasks}.db`);
        const seq = Number(await run("history.ts", path, history.tasks, history.spent, live));
        const behind = `${live.toLocaleString("en-US")} live tasks, ${history.tasks.toLocaleString("en-US")} done, ${seq.toLocaleString("en-US")} events`;
        figures.push(...(await restartFigures(folder, path, behind, rounds)));
        figures.push(...(await stallFigures(folder, path, behind, quick ? 3 : 10)));
      }
      return [...figures, ...(await replayFigures(options))];
    }),
};

interface Restart {
  loading: number;
  open: number;
  first: number;
}

async function restartFigures(folder: string, path: string, behind: string, rounds: number): Promise<Figure[]> {
  const runs: Restart[] = [];
  for (let round = 0; round < rounds; round++) {
    runs.push(JSON.parse(await run("restart.ts", copyOf(path, folder, `restart-${round}`))));
  }
  const part = (name: string, of: (run: Restart) => number) => ({ name, value: median(runs.map(of)) });
  return [
    {
      name: `restart to first dispatch: ${behind}`,
      value: median(runs.map(({ first }) => first)),
      unit: "ms",
      aim: { below: aims.firstDispatchMs },
      beside: [
        { name: "slowest", value: Math.max(...runs.map(({ first }) => first)) },
        part("of it starting Node", ({ loading }) => loading),
        part("loading the state", ({ loading, open }) => open - loading),
        part("dispatching", ({ open, first }) => first - open),
      ],
    },
  ];
}

async function stallFigures(folder: string, path: string, behind: string, seconds: number): Promise<Figure[]> {
  const measure = async (snapshots: number): Promise<{ stalls: number[]; busy: number[]; taken: number }> =>
    JSON.parse(await run("stall.ts", copyOf(path, folder, `stall-${snapshots}`), seconds, snapshots));
  const [without, during] = [await measure(0), await measure(1)];
  const figure = (name: string, of: (values: readonly number[]) => number, aim: Figure["aim"]): Figure => ({
    name: `loop held up while ${during.taken} snapshots are taken, ${name}: ${behind}`,
    value: of(during.stalls),
    unit: "ms",
    aim,
    beside: [{ name: "without snapshots", value: of(without.stalls) }],
  });
  return [
    figure("p99", (values) => quantile(values, 0.99), { below: aims.stallMs }),
    figure("p99.9", (values) => quantile(values, 0.999), null),
    figure("longest", (values) => Math.max(...values), { below: aims.stallMs }),
    {
      name: `the same, longest that the loop itself was at work: ${behind}`,
      value: Math.max(...during.busy),
      unit: "ms",
      aim: { below: aims.stallMs },
      beside: [{ name: "without snapshots", value: Math.max(...without.busy) }],
    },
  ];
}

/** Files as the crash left them: the engine that opens them changes them. */
function copyOf(path: string, folder: string, name: string): string {
  const [base, to] = [path.slice(folder.length + 1), join(folder, name)];
  for (const file of readdirSync(folder)) {
    if (file.startsWith(base)) cpSync(join(folder, file), join(to, file), { recursive: true });
  }
  return join(to, base);
}

/** What the child printed before it killed itself. */
async function run(script: string, ...args: (string | number)[]): Promise<string> {
  const file = join(import.meta.dirname, "recovery", script);
  const child = spawn(process.execPath, [file, ...args.map(String)], { stdio: ["ignore", "pipe", "inherit"] });
  const printed = await text(child.stdout);
  assert(printed !== "", `${script} printed nothing`);
  return printed;
}
