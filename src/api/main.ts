/** The engine's process: journal, loop, and all that surrounds it. */
import { Engine } from "../engine/engine.ts";
import { takeInThread } from "../engine/snapshot-thread.ts";
import { policiesOf } from "../federation/policies.ts";
import { openSqliteJournal } from "../journal/index.ts";
import { systemClock } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { processLog } from "../lib/log.ts";
import { OtlpExporter, otlpTarget } from "../lib/otlp.ts";
import { systemRandom } from "../lib/random.ts";
import { homeOf } from "../model/home.ts";
import { readSettings } from "../model/settings.ts";
import { makeHome } from "./home-files.ts";
import { apiOptions, checkListening } from "./options.ts";
import { Traces } from "./traces.ts";
import { logTrouble } from "./trouble-log.ts";

const home = homeOf(process.env);
const log = processLog(systemClock, { file: home.engineLog });

async function main(): Promise<void> {
  const port = portOf(process.env.GODEL_PORT);
  makeHome(home);
  const settings = readSettings(home.settings);
  const policies = policiesOf(settings);
  const api = apiOptions(settings);
  checkListening(api);
  const opening = Engine.open({
    journal: openSqliteJournal(home.journal, { inThread: true }),
    clock: systemClock,
    random: systemRandom,
    options: { policies },
    takeSnapshot: () => takeInThread(home.journal),
    report: log.warn,
    onFatal: die,
  });
  // The journal is read in its own thread while this one loads what is in front of the engine.
  const [engine, { EngineProcess }] = await Promise.all([opening, import("./engine-process.ts")]);
  const target = otlpTarget(process.env);
  const exporter = target && new OtlpExporter(target, systemClock, log.warn);
  if (exporter) new Traces(engine, exporter);
  engine.subscribe((events) => logTrouble(events, log.warn));
  const surroundings = new EngineProcess({
    engine,
    home,
    port,
    api,
    log: log.warn,
    onStopped: () => void leave(exporter),
  });
  await surroundings.start();
  process.on("SIGTERM", () => void surroundings.stop());
  process.on("SIGINT", () => void surroundings.stop());
}

/** What was not told yet is told first. */
async function leave(exporter: OtlpExporter | null): Promise<never> {
  await exporter?.flush();
  process.exit(0);
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? 7373);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new GodelError("OPTION_RANGE", `the port must be a whole number from 0 to 65535, got "${text}".`);
}

/** The last line on stderr tells whoever started us why. */
function die(error: unknown): never {
  log.fatal(error);
  process.exit(1);
}

main().catch(die);
