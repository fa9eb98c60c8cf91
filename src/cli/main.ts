/** The `godel` command. Loads no more than the command at hand needs: `godel --help` is to be instant. */
import { run } from "@stricli/core";
import { systemClock } from "../lib/clock.ts";
import { codeOf, exitCodes } from "../lib/errors.ts";
import { homeOf } from "../model/home.ts";
import { buildApp } from "./app.ts";
import type { Cli } from "./cli.ts";
import { report } from "./failures.ts";
import { outputOf } from "./terminal.ts";

const { argv, env, stdout, stderr } = process;

// Whoever reads has seen enough: `godel task list | head`.
stdout.on("error", (error) => {
  if (codeOf(error) === "EPIPE") process.exit(exitCodes.done);
  throw error;
});

const failures: unknown[] = [];
const cli: Cli = {
  // What stricli says on stderr has been collected as a failure by then.
  process: { stdout, stderr: { write() {} } },
  env,
  cwd: process.cwd(),
  home: homeOf(env),
  clock: systemClock,
  out: outputOf(stdout, env),
  err: outputOf(stderr, env),
  exitCode: exitCodes.done,
};
const words = argv.slice(2);
const app = buildApp(failures);
if (words[0] === "__complete") {
  const { complete } = await import("./complete.ts");
  await complete(app, words.slice(1), cli);
} else {
  await run(app, words, cli);
  process.exitCode = failures.length > 0 ? report(failures, words.includes("--json"), cli) : cli.exitCode;
}
