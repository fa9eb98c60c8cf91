/** What went wrong, as people and as programs read it. */
import {
  type ApplicationText,
  ArgumentParseError,
  ArgumentScannerError,
  FlagNotFoundError,
  formatMessageForArgumentScannerError,
  text_en,
} from "@stricli/core";
import { catalog, exitCodes, GodelError, messageOf } from "../lib/errors.ts";
import { didYouMean } from "../lib/nearest.ts";
import type { Cli } from "./cli.ts";
import type { Output } from "./terminal.ts";

/** Collects what stricli would print, so that all failures look alike, whoever finds them. */
export function collecting(failures: unknown[]): ApplicationText {
  const collect = (error: unknown) => {
    failures.push(error);
    return "";
  };
  return {
    ...text_en,
    briefs: { ...text_en.briefs, argumentEscapeSequence: "What follows is text, even where it starts with -" },
    noCommandRegisteredForInput: ({ input, corrections }) => {
      const names = corrections.map((name) => name.replaceAll("`", ""));
      return collect(
        new GodelError(
          "OPTION_UNKNOWN",
          `no ${input.startsWith("-") ? "flag" : "command"} "${input}".${didYouMean(input, names)}`,
        ),
      );
    },
    exceptionWhileParsingArguments: (error) => collect(usageError(error)),
    exceptionWhileLoadingCommandFunction: collect,
    exceptionWhileLoadingCommandContext: collect,
    exceptionWhileRunningCommand: collect,
    commandErrorResult: collect,
  };
}

function usageError(error: unknown): unknown {
  if (error instanceof ArgumentParseError && error.exception instanceof GodelError) return error.exception;
  if (error instanceof FlagNotFoundError) {
    const known = error.corrections.map((name) => `--${name.replace(/^-+/, "")}`);
    return new GodelError("OPTION_UNKNOWN", `no flag --${error.input}.${didYouMean(`--${error.input}`, known)}`);
  }
  if (!(error instanceof ArgumentScannerError)) return error;
  const message = formatMessageForArgumentScannerError(error, {
    UnexpectedPositionalError: ({ input }) => `unexpected argument "${input}".`,
    UnsatisfiedPositionalError: ({ placeholder }) => `${placeholder.toUpperCase()} is missing.`,
    UnsatisfiedFlagError: ({ externalFlagName }) => `--${externalFlagName} is missing, or has no value.`,
    UnexpectedFlagError: ({ externalFlagName }) => `--${externalFlagName} is given more than once.`,
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `--${externalFlagName} must be one of ${values.join(", ")}, got "${input}".${didYouMean(input, values)}`,
    AliasNotFoundError: ({ input }) => `no flag -${input}.`,
  });
  return new GodelError("OPTION_UNKNOWN", message);
}

/** Says what went wrong, and answers the exit code. */
export function report(failures: readonly unknown[], json: boolean, { out, err }: Pick<Cli, "out" | "err">): number {
  const errors = failures.map(asGodelError);
  const [first] = errors;
  if (first === undefined) return exitCodes.done;
  const { code, message, hint } = first;
  if (json) out.write(`${JSON.stringify({ error: { code, message, hint } }, null, 2)}\n`);
  else for (const error of errors) err.write(describe(error, err));
  return catalog[first.code].exit;
}

function describe({ message, hint, code, cause }: GodelError, { style }: Output): string {
  const [first, ...rest] = message.replace(/\.$/, "").split("\n");
  const lines = [`${style.red("error:")} ${first}`, ...rest.map((line) => `  ${line}`), style.dim(`  ${hint}`)];
  // Our own bug: whoever reports it needs the place.
  if (code === "INTERNAL" && cause instanceof Error) lines.push(style.dim(String(cause.stack)));
  return `${lines.join("\n")}\n`;
}

function asGodelError(error: unknown): GodelError {
  return error instanceof GodelError ? error : new GodelError("INTERNAL", messageOf(error), { cause: error });
}
