/** `npm run bench -- NAME… [--quick | --long] [--json] [--seed N]` */
import { exitCodes, GodelError } from "../src/lib/errors.ts";
import { didYouMean } from "../src/lib/nearest.ts";
import { type Bench, type BenchOptions, toJson, toTable } from "./harness.ts";

/** Add a bench here; it is loaded only when it is asked for. */
const benches: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  api: () => import("./api.ts"),
  budget: () => import("./budget.ts"),
  cascade: () => import("./cascade.ts"),
  dashboard: () => import("./dashboard.ts"),
  decompose: () => import("./decompose.ts"),
  gateway: () => import("./gateway.ts"),
  health: () => import("./health.ts"),
  idle: () => import("./idle.ts"),
  journal: () => import("./journal.ts"),
  limits: () => import("./limits.ts"),
  scaling: () => import("./scaling.ts"),
  recovery: () => import("./recovery.ts"),
  resume: () => import("./resume.ts"),
  routing: () => import("./routing.ts"),
  sim: () => import("./sim.ts"),
  spawn: () => import("./spawn.ts"),
};

interface Request extends BenchOptions {
  names: string[];
  json: boolean;
  help: boolean;
}

const flags = ["--quick", "--long", "--json", "--seed", "--help"];

const usage = `Usage: npm run bench -- NAME… [--quick | --long] [--json] [--seed N]

  --quick   a shorter run, for a first look
  --long    what only time shows: dashboard watches its page for ten minutes
  --json    print each bench as one line of JSON
  --seed N  draw other random data; default 1, a whole number from 0 to 4294967295
`;

try {
  await main(parse(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof GodelError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = exitCodes.usage;
}

async function main(request: Request): Promise<void> {
  if (request.help || request.names.length === 0) {
    process.stdout.write(`${usage}\n${await list()}\n`);
    return;
  }
  for (const name of request.names) await run(await load(name), request);
}

async function run(bench: Bench, { json, quick, long, seed }: Request): Promise<void> {
  const options = { quick, long, seed };
  if (!json) process.stdout.write(`${bench.name}: ${bench.about}\n`);
  const figures = await bench.run(options);
  process.stdout.write(json ? `${toJson(bench, options, figures)}\n` : `${toTable(figures)}\n\n`);
}

async function list(): Promise<string> {
  const loaded = await Promise.all(Object.keys(benches).map(load));
  const width = Math.max(...loaded.map((bench) => bench.name.length));
  return loaded.map((bench) => `  ${bench.name.padEnd(width)}  ${bench.about}`).join("\n");
}

async function load(name: string): Promise<Bench> {
  const module = await benches[name]?.();
  if (!module) throw unknownName(name);
  return module.bench;
}

/** Every name is checked before any bench runs, so that a typo does not cost a minute. */
function parse(args: readonly string[]): Request {
  const request: Request = { names: [], json: false, help: false, quick: false, long: false, seed: 1 };
  const rest = args.values();
  for (const arg of rest) {
    if (arg === "--quick") request.quick = true;
    else if (arg === "--long") request.long = true;
    else if (arg === "--json") request.json = true;
    else if (arg === "--help") request.help = true;
    else if (arg === "--seed") request.seed = parseSeed(rest.next().value);
    else if (arg.startsWith("-")) {
      throw new GodelError("OPTION_UNKNOWN", `unknown option "${arg}".${didYouMean(arg, flags)}`);
    } else if (Object.hasOwn(benches, arg)) request.names.push(arg);
    else throw unknownName(arg);
  }
  if (request.quick && request.long) throw new GodelError("OPTION_RANGE", "--quick and --long exclude each other.");
  return request;
}

function parseSeed(text: string | undefined): number {
  if (text !== undefined && /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw new GodelError("OPTION_RANGE", `--seed needs a whole number from 0 to 4294967295, got ${text ?? "nothing"}`);
}

function unknownName(name: string): GodelError {
  const known = Object.keys(benches);
  const hint = didYouMean(name, known) || ` Known: ${known.join(", ")}.`;
  return new GodelError("OPTION_UNKNOWN", `unknown bench "${name}".${hint}`);
}
