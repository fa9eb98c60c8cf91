/** What the machine must have, and what it may have. */
import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { messageOf } from "../../lib/errors.ts";
import type { Cli } from "../cli.ts";
import { type Check, check } from "./check.ts";

/** Below it a fleet of 50 worktrees of a mid-sized repository may not fit. */
const lowDiskBytes = 2 * 1024 ** 3;
/** merge-tree with --write-tree, which merges without a checkout. */
const neededGit = [2, 38] as const;

export async function checkMachine({ home, env }: Cli): Promise<Check[]> {
  return [
    checkNode(),
    await checkGit(),
    checkHome(home.dir),
    checkDisk(home.dir),
    checkBubblewrap(env),
    checkCgroups(),
  ];
}

function checkNode(): Check {
  const good = Number(process.versions.node.split(".")[0]) >= 24;
  return check("node", good ? "ok" : "fail", `${process.version} at ${process.execPath}`, "Start godel by bin/godel.");
}

async function checkGit(): Promise<Check> {
  const said = await output("git", ["--version"]);
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(said) ?? []).map(Number);
  const good = major > neededGit[0] || (major === neededGit[0] && minor >= neededGit[1]);
  return check("git", good ? "ok" : "fail", said || "missing", `Install git ${neededGit.join(".")} or newer.`);
}

function checkHome(dir: string): Check {
  try {
    accessSync(standing(dir), constants.W_OK);
    return check("home", "ok", existsSync(dir) ? dir : `${dir}, to be made when needed`);
  } catch (error) {
    return check("home", "fail", messageOf(error), "Set GODEL_HOME to a folder that you may write to.");
  }
}

function checkDisk(dir: string): Check {
  const { bavail, bsize } = statfsSync(standing(dir));
  const free = bavail * bsize;
  const found = `${(free / 1024 ** 3).toFixed(1)} GB free`;
  const advice = "Free some space, or set GODEL_HOME to a larger disk.";
  return check("disk", free > lowDiskBytes ? "ok" : "warn", found, advice);
}

/** `dir`, or the folder above it that is there: looking must not make one. */
function standing(dir: string): string {
  return existsSync(dir) ? dir : standing(dirname(dir));
}

function checkBubblewrap(env: NodeJS.ProcessEnv): Check {
  const found = (env.PATH ?? "").split(delimiter).some((dir) => existsSync(join(dir, "bwrap")));
  return check(
    "bubblewrap",
    "info",
    found ? "present" : "absent",
    found ? "" : "Not needed yet; it can wall off what agents run.",
  );
}

function checkCgroups(): Check {
  const version = existsSync("/sys/fs/cgroup/cgroup.controllers") ? "v2" : existsSync("/sys/fs/cgroup") ? "v1" : "none";
  return check("cgroups", "info", version);
}

function output(command: string, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { encoding: "utf8" }, (error, stdout) => resolve(error ? "" : stdout.trim()));
  });
}
