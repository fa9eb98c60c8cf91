import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./clock.ts";
import { GodelError } from "./errors.ts";
import { type ProcessLog, processLog } from "./log.ts";
import { spanIdOf, traceIdOf } from "./otlp.ts";

const clock = { ...systemClock, wall: () => 0 };

function linesOf(say: (log: ProcessLog) => void) {
  const lines: string[] = [];
  say(processLog(clock, { write: (line) => lines.push(line) }));
  for (const line of lines) match(line, /^\{[^\n]*\}\n$/);
  return lines.map((line) => JSON.parse(line));
}

test("a line is an object with level, time and message, and with the trace of what it is about", () => {
  const lines = linesOf(({ warn }) => {
    warn("the disk\nis slow");
    warn("late", { attempt: "t1/a/2" });
    warn("gone", { team: "t1" });
  });
  const all = { level: "warn", time: "1970-01-01T00:00:00.000Z" };
  deepEqual(lines, [
    { ...all, msg: "the disk\nis slow" },
    { ...all, attempt: "t1/a/2", trace_id: traceIdOf("t1/a"), span_id: spanIdOf("t1/a/2"), msg: "late" },
    { ...all, team: "t1", trace_id: traceIdOf("t1"), span_id: spanIdOf("t1"), msg: "gone" },
  ]);
});

test("the last line says by a code why a process ends, and of a bug where it is", () => {
  const [known, bug] = linesOf(({ fatal }) => {
    fatal(new GodelError("PORT_TAKEN", "port 1 is taken."));
    fatal(new TypeError("x is not a function"));
  });
  deepEqual(known.error, { code: "PORT_TAKEN", message: "port 1 is taken." });
  deepEqual([known.level, known.msg, known.stack], ["fatal", "port 1 is taken.", undefined]);
  equal(bug.error.code, "INTERNAL");
  match(bug.stack, /log\.test\.ts/);
});
