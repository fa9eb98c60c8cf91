/** Log lines of our processes: one JSON object each on stderr, with `level`, `time`, `msg`, and the trace of what it is about. */
import pino, { type DestinationStream } from "pino";
import { boundedLog } from "./bounded-log.ts";
import { type Clock, iso } from "./clock.ts";
import { codeOf, GodelError, messageOf } from "./errors.ts";
import { spanIdOf, traceIdOf } from "./otlp.ts";

/** What a line is about, by ids; an attempt's begins with that of its task. */
export interface About {
  team?: string;
  task?: string;
  attempt?: string;
}

/** Bytes of lines that may wait to be written; those past it are lost. */
const maxWaitingBytes = 1 << 20;

/** A line for people about something that went wrong and was got around. */
export type Log = (line: string, about?: About) => void;

export interface ProcessLog {
  warn: Log;
  /** Why the process ends: the last line, with `error`, which `godel up` reads. */
  fatal(error: unknown): void;
}

/**
 * Lines are written before a call returns: the process may end right after it. `file`: where stderr goes, if it is a file
 * that is to be bounded. `write` is for tests.
 */
export function processLog(
  clock: Clock,
  { file, write }: { file?: string; write?: (line: string) => void },
): ProcessLog {
  const options = {
    base: null,
    timestamp: () => `,"time":"${iso(clock.wall())}"`,
    formatters: { level: (level: string) => ({ level }) },
  };
  const log = pino(options, write ? { write } : stderr());
  const bound = file === undefined ? () => {} : boundedLog({ fd: 2, file });
  // Also of a process that does nothing but crash.
  bound();
  return {
    warn(line, about = {}) {
      bound();
      log.warn({ ...about, ...traceOf(about) }, line);
    },
    fatal(error) {
      const code = error instanceof GodelError ? error.code : codeOf(error) === "ENOSPC" ? "DISK_FULL" : "INTERNAL";
      const message = messageOf(error);
      // Of our own bugs it is of interest where they are.
      const stack = code === "INTERNAL" && error instanceof Error ? { stack: error.stack } : {};
      log.fatal({ error: { code, message }, ...stack }, message);
    },
  };
}

/** What it cannot write, as on a full disk, waits for its next line, up to a bound: no process ends because nobody can hear it. */
function stderr(): DestinationStream {
  const destination = pino.destination({ fd: 2, sync: true, maxLength: maxWaitingBytes });
  destination.on("error", () => {});
  return destination;
}

/** The same ids that the spans have that are sent to a collector. */
function traceOf({ team, attempt, task = attempt?.replace(/\/\d+$/, "") }: About) {
  const name = task ?? team;
  return name === undefined ? {} : { trace_id: traceIdOf(name), span_id: spanIdOf(attempt ?? name) };
}
