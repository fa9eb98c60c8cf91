/**
 * `npm start`: puts 50 real agents to work on a real repository, and shows what came of it.
 *
 * Real: the agents (pi sessions), their tools, the files, git, gates and merges. Scripted: the model behind them, which
 * follows rules, and the plan, which was made from the repository by a rule as well. It costs nothing.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TaskSummary, TeamStatus } from "../src/api/wire.ts";
import { homeOf } from "../src/model/home.ts";
import { demoPlan } from "./demo-plan.ts";
import { makeRepository } from "./demo-repository.ts";

const agents = 50;
const tasks = 150;
const godel = fileURLToPath(new URL("../bin/godel", import.meta.url));

const started = performance.now();
const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
const dir = join(homeOf(process.env).dir, "demo", stamp);
const name = `demo-${stamp}`;
const repo = join(dir, "lodash");
mkdirSync(dir, { recursive: true });
say("The model of this demo is scripted; agents, tools, git, gates and merges are real.");
const plan = demoPlan(repo, makeRepository(repo), tasks);
const planFile = join(dir, "plan.json");
writeFileSync(planFile, JSON.stringify(plan, null, 2));
say(`A fresh repository of lodash's modules: ${repo}`);

const spawned = run(
  "team",
  "spawn",
  "--count",
  `${agents}`,
  "--plan",
  planFile,
  "--repo",
  repo,
  "--name",
  name,
  "--model",
  "demo",
  "--budget",
  "$5",
);
if (spawned === 130) process.exit(spawned);
const status: TeamStatus = json("team", "status", name);
const { items }: { items: TaskSummary[] } = json("task", "list", "--team", name);
const commits = git("-C", repo, "log", "--format=%h", `main..godel/${name}`).split("\n").filter(Boolean).length;
// The proof of the whole: the merged branch, checked out anew, passes the gate that each task had to pass.
const result = join(dir, "result");
git("clone", "--quiet", "--branch", `godel/${name}`, repo, result);
const gate = spawnSync(process.execPath, ["check.cjs"], { cwd: result, stdio: "inherit" });
report(status, items);
process.exit(spawned === 0 && gate.status !== 0 ? 1 : spawned);

function report({ agents: fleet, tasks: counts, cost, timing }: TeamStatus, all: TaskSummary[]): void {
  const attempts = all.reduce((sum, task) => sum + task.attempts, 0);
  const rows = [
    ["agents", `${fleet.desired} ready in ${seconds(timing.allReadyMs)}, ${fleet.failed} failed`],
    ["tasks", `${counts.done} done of ${counts.total}, ${counts.failed} failed, ${attempts} attempts`],
    ["merged", `${commits} commits on godel/${name}`],
    ["gate", `green on each attempt, and ${gate.status === 0 ? "green" : "RED"} on the merged branch`],
    [
      "cost",
      `$${cost.spentUsd.toFixed(4)} of $5 as the scripted model prices it, $${(cost.perTaskUsd ?? 0).toFixed(4)} a task`,
    ],
    ["time", `${seconds(timing.elapsedMs)} for the team, ${seconds(performance.now() - started)} in all`],
  ];
  say("");
  for (const [label = "", value] of rows) say(`  ${label.padEnd(8)}${value}`);
  say(`
Where to look:
  cd "${result}" && git log --oneline
  bin/godel team status ${name}
  bin/godel task list --team ${name}
  bin/godel agent list --team ${name}
The engine goes on, idle, until \`bin/godel down\`.`);
}

function git(...args: string[]): string {
  return execFileSync("git", args, { encoding: "utf8" });
}

function run(...args: string[]): number {
  return spawnSync(godel, args, { stdio: ["inherit", "inherit", "inherit"] }).status ?? 1;
}

function json<T>(...args: string[]): T {
  const { stdout } = spawnSync(godel, [...args, "--json"], { encoding: "utf8", maxBuffer: 256 << 20 });
  return JSON.parse(stdout);
}

function seconds(ms: number | null): string {
  return ms === null ? "no time" : `${(ms / 1_000).toFixed(1)} s`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
