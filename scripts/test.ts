/**
 * `npm test [-- FILE…]`: types, lint, the dashboard (its types and build), then every test file. Ends with
 * `N passed, N failed` on a line of its own.
 * Each of the first three counts as one test. Named files restrict the run to them alone.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemClock } from "../src/lib/clock.ts";
import { runTests, type Totals } from "./test-report.ts";

const root = resolve(import.meta.dirname, "..");
const folders = ["src", "test", "bench"];

const chosen = process.argv.slice(2).filter((argument) => argument !== "--");
const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
if (chosen.length === 0) {
  check("types", "node_modules/typescript/bin/tsc", ["-p", "."]);
  check("lint", "node_modules/@biomejs/biome/bin/biome", ["check", "--error-on-warnings"]);
  check("dashboard", "scripts/web.ts", ["--check"]);
}
const files = chosen.length > 0 ? chosen.map((file) => resolve(file)) : testFiles();
await runTests(root, files, totals);
if (totals.skipped > 0) console.log(`\n${totals.skipped} skipped: named above, with their reasons`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed > 0 ? 1 : 0);

function check(name: string, script: string, args: string[]): void {
  const start = systemClock.monotonic();
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const seconds = ((systemClock.monotonic() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? "✓" : "✗"} ${name}  ${seconds} s`);
  if (status === 0) totals.passed++;
  else totals.failed++;
}

function testFiles(): string[] {
  const found = folders.flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: root }));
  return found.map((file) => join(root, file)).sort();
}
