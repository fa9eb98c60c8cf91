/** Runs test files, each in a process of its own, and says how they went: a line a file, below it what failed. */
import { relative } from "node:path";
import { run } from "node:test";
import { inspect } from "node:util";
import pLimit from "p-limit";
import { systemClock } from "../src/lib/clock.ts";

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** Test files at once: the machine has few cores, and tests of processes need some. */
const concurrency = 2;
/** The longest that one file may take, in ms; then its process is killed and it has failed. */
const fileTimeoutMs = 300_000;

/** What `node:test` reports of one test; of its types only this is used. */
interface Result {
  name: string;
  line?: number;
  skip?: string | boolean;
  todo?: string | boolean;
  details: { type?: string; error?: Error & { failureType?: string } };
}

/** Adds to `totals`. A file that crashes, hangs or cannot be loaded counts as one failed test. */
export async function runTests(root: string, files: readonly string[], totals: Totals): Promise<void> {
  const limit = pLimit(concurrency);
  await Promise.all(files.map((file) => limit(() => runFile(root, file, totals))));
}

async function runFile(root: string, file: string, totals: Totals): Promise<void> {
  const name = relative(root, file);
  const start = systemClock.monotonic();
  const own: Totals = { passed: 0, failed: 0, skipped: 0 };
  const notes: string[] = [];
  const output: string[] = [];

  const timeout = new AbortController();
  const cancel = systemClock.after(fileTimeoutMs, () => timeout.abort());
  const stream = run({ files: [file], cwd: root, signal: timeout.signal, execArgv: process.execArgv });
  stream.on("test:pass", (test: Result) => pass(test, own, notes));
  stream.on("test:fail", (test: Result) => fail(test, own, notes));
  stream.on("test:stdout", ({ message }) => output.push(message));
  stream.on("test:stderr", ({ message }) => output.push(message));
  for await (const _ of stream);
  cancel();

  const seconds = ((systemClock.monotonic() - start) / 1000).toFixed(1);
  const counts = [
    `${own.passed} passed`,
    own.failed && `${own.failed} failed`,
    own.skipped && `${own.skipped} skipped`,
  ];
  console.log(`${own.failed > 0 ? "✗" : "✓"} ${name}  ${counts.filter(Boolean).join(", ")}  ${seconds} s`);
  if (timeout.signal.aborted) console.log(`    stopped after ${fileTimeoutMs / 1000} s`);
  for (const note of notes) console.log(indent(note));
  if (own.failed > 0 && output.length > 0) console.log(indent(`its output:\n${output.join("")}`));
  totals.passed += own.passed;
  totals.failed += own.failed;
  totals.skipped += own.skipped;
}

function pass(test: Result, own: Totals, notes: string[]): void {
  if (test.details.type === "suite") return;
  const skipped = test.skip ?? test.todo;
  if (skipped === undefined) own.passed++;
  else {
    own.skipped++;
    notes.push(`skipped: ${test.name} (${typeof skipped === "string" && skipped ? skipped : "no reason given"})`);
  }
}

function fail(test: Result, own: Totals, notes: string[]): void {
  const { error, type } = test.details;
  // Its subtests have been counted and told.
  if (type === "suite" || error?.failureType === "subtestsFailed") return;
  own.failed++;
  const cause = error?.cause ?? error;
  notes.push(`failed: ${test.name}\n${indent(cause instanceof Error ? inspect(cause) : String(cause))}`);
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, "    ");
}
