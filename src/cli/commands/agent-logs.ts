import type { AgentLog } from "../../api/wire.ts";
import { sleep } from "../../lib/clock.ts";
import { exitCodes } from "../../lib/errors.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { onInterrupt } from "../interrupt.ts";

export interface LogFlags extends JsonFlag {
  lines?: number;
  follow?: boolean;
}

const defaultLines = 200;
/** How often a followed log is looked at, in ms. */
const lookMs = 500;
/** The most that one look shows; what is older has passed by. */
const maxLook = 1_000;

export default async function agentLogs(this: Cli, flags: LogFlags, name: string): Promise<void> {
  const log = await read(this, name, flags.lines ?? defaultLines);
  if (log.attempt === null) this.err.write(`${log.agent} has not had a task yet.\n`);
  print(this, flags, log, () => text(log.lines));
  if (flags.follow) await follow(this, flags, name, log);
}

/** Prints what comes until Ctrl-C, over one attempt after the other. */
async function follow(cli: Cli, flags: LogFlags, name: string, shown: AgentLog): Promise<void> {
  const { signal, release } = onInterrupt();
  let last = shown;
  while (!signal.aborted) {
    await sleep(cli.clock, lookMs, signal);
    const now = await read(cli, name, maxLook);
    const seen = now.attempt === last.attempt ? last.total : 0;
    const fresh = now.lines.slice(Math.max(0, now.lines.length - (now.total - seen)));
    if (fresh.length > 0) print(cli, flags, { ...now, lines: fresh }, () => text(fresh));
    last = now;
  }
  release();
  cli.exitCode = exitCodes.interrupted;
}

function read(cli: Cli, name: string, lines: number): Promise<AgentLog> {
  return clientOf(cli.home).call("getAgentLogs", { params: { agent: name }, query: { lines: String(lines) } });
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
