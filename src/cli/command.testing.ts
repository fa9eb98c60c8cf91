/** Runs `bin/godel` as people do. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

export const command = join(import.meta.dirname, "../../bin/godel");

/** An empty GODEL_HOME, gone after the test. */
export function newHome(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "godel cli "));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The same, with what was started in it stopped first. */
export function engineHome(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "godel cli "));
  t.after(async () => {
    await godel(dir, "down");
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

export function start(
  home: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  program = command,
  stdin: "ignore" | "pipe" = "ignore",
): ChildProcess {
  return spawn(program, args, {
    cwd: home,
    // The Node that runs the tests, so that none is looked for.
    env: { ...process.env, GODEL_NODE: process.execPath, GODEL_HOME: home, GODEL_PORT: "0", NO_COLOR: "", ...env },
    stdio: [stdin, "pipe", "pipe"],
  });
}

export function finish(child: ChildProcess): Promise<Ran> {
  let out = "";
  let err = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

export function godel(home: string, ...args: string[]): Promise<Ran> {
  return finish(start(home, args));
}
