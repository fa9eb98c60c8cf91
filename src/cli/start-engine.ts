/** Starts the engine in the background, and tells why when it does not come up. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { EngineFile } from "../api/wire.ts";
import { providersIn } from "../gateway/limits/provider-options.ts";
import { type Millis, sleep } from "../lib/clock.ts";
import { catalog, codeOf, type ErrorCode, GodelError, messageOf } from "../lib/errors.ts";
import { isFields, parseJson } from "../lib/json.ts";
import type { Home } from "../model/home.ts";
import { readSettings } from "../model/settings.ts";
import type { Cli } from "./cli.ts";
import { probe } from "./probe.ts";
import type { Steps } from "./ui/steps.ts";

/** How long the engine may take to answer, in ms: it replays its journal first, a million events in 3 s. */
const startMs: Millis = 60_000;
/** How long the node may take to link after that, in ms. Without it the engine answers but runs nothing. */
const linkMs: Millis = 15_000;
/** How long to wait for an engine that someone else is starting, in ms. */
const otherMs: Millis = 10_000;
const pollMs: Millis = 20;

export interface Started {
  engine: EngineFile;
  /** False when it ran already. */
  fresh: boolean;
}

/** The engine of this home, started if need be and with its node linked. @throws GodelError why it cannot be. */
export async function ensureEngine(cli: Cli, steps: Steps, port?: number): Promise<Started> {
  const running = await probe(cli.home);
  if (running) return { engine: running.engine, fresh: false };
  return steps.run("Starting the engine", async () => {
    const started = await start(cli, port);
    return { ...started, engine: await untilLinked(cli) };
  });
}

async function start(cli: Cli, port: number | undefined): Promise<Started> {
  // The node reads this part, in the background, where nobody would see the fault.
  if (existsSync(cli.home.settings)) providersIn(readSettings(cli.home.settings));
  const { child, died } = launch(cli, port);
  let until = cli.clock.monotonic() + startMs;
  let failure: GodelError | null = null;
  while (cli.clock.monotonic() < until) {
    const found = await probe(cli.home);
    if (found) {
      child.unref();
      return { engine: found.engine, fresh: found.engine.pid === child.pid };
    }
    if (failure === null) {
      failure = died();
      if (failure !== null && failure.code !== "ENGINE_RUNNING") throw failure;
      // Someone else is starting one, which will answer soon, or stopping one, which will not.
      if (failure !== null) until = cli.clock.monotonic() + otherMs;
    }
    await sleep(cli.clock, pollMs);
  }
  throw failure ?? new GodelError("ENGINE_START", `the engine did not answer within ${startMs / 1000} s.`);
}

interface Launched {
  child: ChildProcess;
  /** Why it ended; null while it runs. */
  died(): GodelError | null;
}

function launch({ home, env }: Cli, port: number | undefined): Launched {
  const log = openLog(home);
  const from = fstatSync(log).size;
  const main = fileURLToPath(new URL("../api/main.ts", import.meta.url));
  // A session of its own, with files for its output: it goes on when the terminal closes.
  const child = spawn(process.execPath, [...process.execArgv, main], {
    detached: true,
    stdio: ["ignore", log, log],
    cwd: home.dir,
    env: { ...env, GODEL_HOME: home.dir, ...(port === undefined ? {} : { GODEL_PORT: String(port) }) },
  });
  closeSync(log);
  let end: string | null = null;
  child.on("error", (error) => {
    end = messageOf(error);
  });
  child.on("exit", (code, signal) => {
    end = signal ?? `code ${code}`;
  });
  return { child, died: () => (end === null ? null : deathOf(home.engineLog, from, end)) };
}

function openLog(home: Home): number {
  try {
    mkdirSync(home.dir, { recursive: true, mode: 0o700 });
    return openSync(home.engineLog, "a", 0o600);
  } catch (error) {
    const code = codeOf(error) === "ENOSPC" ? "DISK_FULL" : "HOME_UNUSABLE";
    throw new GodelError(code, `${home.dir} cannot be used: ${messageOf(error)}.`, { cause: error });
  }
}

/** The last line that the engine wrote is `{ "error": { code, message } }` if it knew why it had to stop. */
function deathOf(log: string, from: number, exit: string): GodelError {
  const all = readFileSync(log);
  // It may have begun anew meanwhile, as it was too long.
  const lines = all
    .subarray(from > all.length ? 0 : from)
    .toString("utf8")
    .trim()
    .split("\n");
  const last = parseJson(lines.at(-1) ?? "");
  const error = isFields(last) && isFields(last.error) ? last.error : null;
  if (error && String(error.code) in catalog) return new GodelError(error.code as ErrorCode, String(error.message));
  const said = lines.slice(-3).join("\n");
  return new GodelError("ENGINE_START", `the engine ended with ${exit} before it answered.\n${said}`);
}

async function untilLinked(cli: Cli): Promise<EngineFile> {
  const until = cli.clock.monotonic() + linkMs;
  while (cli.clock.monotonic() < until) {
    const found = await probe(cli.home);
    const node = found?.health.nodes.find(({ linked }) => linked);
    // The file is written a moment after the link.
    if (found && node) return { ...found.engine, nodePid: node.pid };
    await sleep(cli.clock, pollMs);
  }
  throw new GodelError("NODE_UNREACHABLE", `the engine runs, but its node did not link within ${linkMs / 1000} s.`);
}
