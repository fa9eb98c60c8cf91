import { deepEqual, equal, match } from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
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
  const [known, full, bug] = linesOf(({ fatal }) => {
    fatal(new GodelError("PORT_TAKEN", "port 1 is taken."));
    fatal(Object.assign(new Error("no space left on device, write"), { code: "ENOSPC" }));
    fatal(new TypeError("x is not a function"));
  });
  deepEqual(known.error, { code: "PORT_TAKEN", message: "port 1 is taken." });
  deepEqual([known.level, known.msg, known.stack], ["fatal", "port 1 is taken.", undefined]);
  deepEqual([full.error.code, full.stack], ["DISK_FULL", undefined]);
  equal(bug.error.code, "INTERNAL");
  match(bug.stack, /log\.test\.ts/);
});

test("a process goes on where its lines cannot be written, and says them once there is room", async (context) => {
  const dir = mkdtempSync(join(tmpdir(), "godel-log-"));
  context.after(() => rmSync(dir, { recursive: true }));
  const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `
    import { closeSync, openSync } from "node:fs";
    import { systemClock } from ${url("./clock.ts")};
    import { processLog } from ${url("./log.ts")};
    const log = processLog(systemClock, {});
    const points = (path) => { closeSync(2); openSync(path, "a"); };
    points("/dev/full");
    log.warn("first");
    log.warn("second");
    points(process.argv[1]);
    log.warn("third");
    console.log("alive");`;
  const file = join(dir, "log");
  const args = ["--input-type=module-typescript", "-e", script, file];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  equal(stdout, "alive\n");
  const said = readFileSync(file, "utf8").trim().split("\n");
  deepEqual(
    said.map((line) => JSON.parse(line).msg),
    ["first", "second", "third"],
  );
});
