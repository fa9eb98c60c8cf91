/** What every command is given: as `this`, by stricli. */
import type { CommandContext } from "@stricli/core";
import type { Clock } from "../lib/clock.ts";
import type { exitCodes } from "../lib/errors.ts";
import type { Home } from "../model/home.ts";
import type { Output } from "./terminal.ts";

export interface Cli extends CommandContext {
  env: NodeJS.ProcessEnv;
  cwd: string;
  home: Home;
  clock: Clock;
  /** Results. */
  out: Output;
  /** Progress, and what is for people only. */
  err: Output;
  /** How the command ends if nothing is thrown. */
  exitCode: (typeof exitCodes)[keyof typeof exitCodes];
}

export interface JsonFlag {
  json?: boolean;
}

/** `value` as JSON where that was asked for, else as `text` says it. */
export function print(cli: Cli, { json }: JsonFlag, value: unknown, text: () => string): void {
  cli.out.write(json ? `${JSON.stringify(value, null, 2)}\n` : text());
}
