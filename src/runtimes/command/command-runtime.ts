import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import { noUsage } from "../../model/usage.ts";
import { type ActivityLine, activityLine, oneLine } from "../activity.ts";
import { gate } from "../gate.ts";
import { type CommandEnd, type RunningCommand, runCommand, sweep } from "../run-command.ts";
import type { AgentSpec, Runtime, RuntimeAgent, RuntimeEvent, Settled, Work } from "../runtime.ts";
import { scrubbedEnv } from "../scrubbed-env.ts";
import { failed, finished } from "../settled.ts";
import { type OutputLog, outputLog } from "./output-log.ts";

export interface CommandRuntimeOptions {
  /** What commands inherit, before secrets are taken out. Default: the environment of this process. */
  env?: NodeJS.ProcessEnv;
  clock?: Clock;
}

/** An agent that asks no model: its prompt is a shell command. For scripts, other tools, and tests of the fleet. */
export function commandRuntime(options: CommandRuntimeOptions = {}): Runtime {
  const env = scrubbedEnv(options.env ?? process.env);
  const clock = options.clock ?? systemClock;
  return {
    name: "command",
    needsModel: false,
    start: async (spec, onEvent) => new CommandAgent(spec, { env, clock, onEvent }),
    close: async () => {},
  };
}

interface Surroundings {
  env: Record<string, string>;
  clock: Clock;
  onEvent: (event: RuntimeEvent) => void;
}

interface Run {
  abort: AbortController;
  command?: RunningCommand;
  settled?: Promise<Settled>;
}

class CommandAgent implements RuntimeAgent {
  readonly sessionId: string;
  private readonly around: Surroundings;
  private readonly gate = gate();
  private run: Run | undefined;
  private stopped = false;

  constructor(spec: AgentSpec, around: Surroundings) {
    this.sessionId = `command-${spec.id}`;
    this.around = around;
  }

  async prompt(work: Work): Promise<Settled> {
    if (this.stopped) return failed("cancelled", "the agent has stopped");
    if (this.run) return failed("agent-error", "the agent works on another prompt");
    const run: Run = { abort: new AbortController() };
    this.run = run;
    run.settled = this.work(work, run).catch((error) => failed("agent-error", messageOf(error)));
    const settled = await run.settled;
    this.run = undefined;
    return settled;
  }

  async steer(): Promise<boolean> {
    return false;
  }

  async abort(): Promise<void> {
    this.run?.abort.abort();
    this.run?.command?.signal("SIGKILL");
    await this.run?.settled;
  }

  async pause(): Promise<void> {
    this.gate.close();
    this.run?.command?.signal("SIGSTOP");
  }

  async resume(): Promise<void> {
    this.gate.open();
    this.run?.command?.signal("SIGCONT");
  }

  /** What a command prints is in its transcript at once. */
  async watch(): Promise<void> {}

  async stop(): Promise<void> {
    this.stopped = true;
    await this.abort();
  }

  usage() {
    return noUsage;
  }

  private async work(work: Work, run: Run): Promise<Settled> {
    await this.gate.pass(run.abort.signal);
    if (run.abort.signal.aborted) return failed("cancelled", "cancelled before it began");
    if (!existsSync(work.cwd)) return failed("workspace", `there is no worktree ${work.cwd}`);
    mkdirSync(work.transcriptDir, { recursive: true });
    const transcript = join(work.transcriptDir, "output.log");
    const log = outputLog(transcript);
    const { clock, onEvent } = this.around;
    onEvent({ type: "session", attempt: work.attempt, sessionId: this.sessionId, transcript });
    const line = activityLine(clock, (text) => onEvent({ type: "activity", attempt: work.attempt, text }));
    try {
      return outcome(await this.execute(work, run, { log, line }), run, log);
    } finally {
      line.end();
      log.close();
    }
  }

  private async execute(work: Work, run: Run, output: { log: OutputLog; line: ActivityLine }): Promise<CommandEnd> {
    const { clock, onEvent } = this.around;
    output.line.say(`$ ${work.prompt}`);
    // A command is one long tool call: it may be silent for as long as a tool may.
    onEvent({ type: "sign", attempt: work.attempt, sign: { what: "tool-started" } });
    const [startedAt, began] = [clock.wall(), clock.monotonic()];
    run.command = runCommand({
      attempt: work.attempt,
      command: work.prompt,
      cwd: work.cwd,
      env: { ...this.around.env, ...work.env },
      clock,
      onOutput(chunk) {
        output.log.add(chunk);
        output.line.say(output.log.tail);
      },
    });
    const end = await run.command.ended;
    const failed = end.error !== undefined || end.code !== 0;
    const call = { tool: "sh", startedAt, ms: clock.monotonic() - began, failed };
    onEvent({ type: "tool", attempt: work.attempt, call });
    // What it left in the background ends with the prompt: nothing may write to the worktree any more.
    await sweep(work.attempt, [run.command]);
    return end;
  }
}

function outcome(end: CommandEnd, run: Run, log: OutputLog): Settled {
  if (run.abort.signal.aborted) return failed("cancelled", "the command was stopped");
  if (end.error !== undefined) return failed("agent-error", `the command could not start: ${end.error}`);
  if (end.code === 0) return finished(oneLine(log.tail()), noUsage);
  const how = end.signal ? `was killed by ${end.signal}` : `exited with ${end.code}`;
  return failed("agent-error", `${log.tail().trimEnd()}\nthe command ${how}`);
}
