/** The main command of the README as a new user types it: an empty home, a path with a space in it, twice in a row. */
import { deepEqual, equal, match } from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { AgentView, TaskDetail, TaskSummary, TeamStatus } from "../../src/api/wire.ts";
import { shellPlan } from "../stage.testing.ts";

const project = join(import.meta.dirname, "../..");

class NewUser {
  readonly clone: string;
  readonly env: NodeJS.ProcessEnv;

  /** Packages are shared with this clone; that a clone installs them by itself is seen each time CI runs. */
  constructor(context: TestContext) {
    const dir = mkdtempSync(join(tmpdir(), "godel new user "));
    this.clone = join(dir, "my clone");
    const home = join(dir, "my home");
    const left = new Set([".git", "node_modules", ".cache"]);
    cpSync(project, this.clone, { recursive: true, filter: (path) => !left.has(basename(path)) });
    symlinkSync(join(project, "node_modules"), join(this.clone, "node_modules"));
    mkdirSync(home);
    // The Node that was fetched for this machine serves this home too.
    const { GODEL_HOME: _, ...rest } = process.env;
    this.env = { ...rest, HOME: home, GODEL_NODE: process.execPath, GODEL_PORT: "0" };
    context.after(() => {
      execFileSync(join(this.clone, "bin/godel"), ["down"], { env: this.env, stdio: "ignore" });
      rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    });
  }

  async run(command: string, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const child = this.start(command, ...args);
    let [out, err] = ["", ""];
    child.stdout?.on("data", (data) => {
      out += data;
    });
    child.stderr?.on("data", (data) => {
      err += data;
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, out, err };
  }

  start(command: string, ...args: string[]): ChildProcess {
    return spawn(command, args, { cwd: this.clone, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
  }

  async json<T>(...args: string[]): Promise<T> {
    const { code, out, err } = await this.run("bin/godel", ...args, "--json");
    equal(code, 0, out + err);
    return JSON.parse(out);
  }
}

test("`npm start` puts 50 real agents to work, merges every task and leaves nothing failed; twice in a row", async (context) => {
  const user = new NewUser(context);
  for (const run of [1, 2]) {
    const { code, out, err } = await user.run("npm", "start");
    equal(code, 0, `run ${run}: ${out}${err}`);
    const { team, agents, tasks, cost } = await user.json<TeamStatus>("team", "status");
    deepEqual([team.state, agents.desired, agents.failed], ["done", 50, 0]);
    deepEqual([tasks.done, tasks.total, tasks.failed], [tasks.total, tasks.total, 0]);
    equal(tasks.total >= 120, true);
    equal((cost.perTaskUsd ?? 1) < 0.1, true);
    match(out, /gate +green on each attempt, and green on the merged branch/);
    match(err, /Spawning 50 agents… ✓/);
    match(err, /Distributing \d+ tasks… ✓/);
    await proveReal(user, team);
  }
});

/** What the user is told to look at is there. */
async function proveReal(user: NewUser, { repo, branch, name }: TeamStatus["team"]): Promise<void> {
  const { items: tasks } = await user.json<{ items: TaskSummary[] }>("task", "list", "--team", name);
  const commits = execFileSync("git", ["-C", repo, "log", "--format=%s", `main..${branch}`], { encoding: "utf8" });
  deepEqual(commits.trim().split("\n").toSorted(), tasks.map(({ title }) => title).toSorted());
  equal(execFileSync("git", ["-C", repo, "status", "--porcelain"], { encoding: "utf8" }), "");
  const { items: agents } = await user.json<{ items: AgentView[] }>("agent", "list", "--team", name);
  equal(agents.length, 50);
  equal(new Set(agents.map(({ sessionId }) => sessionId)).size, 50);
  equal(
    agents.every(({ runtime, hostPid }) => runtime === "pi" && hostPid !== null),
    true,
  );
  const detail = await user.json<TaskDetail>("task", "show", `${name}/${tasks[0]?.key}`);
  match(readFileSync(detail.attemptList.at(-1)?.transcript ?? "", "utf8"), /"toolCall"/);
}

test("Ctrl-C leaves the team at work and says how to come back", async (context) => {
  const user = new NewUser(context);
  const repo = join(user.clone, "work");
  execFileSync("git", ["init", "--quiet", repo]);
  execFileSync("git", [
    "-C",
    repo,
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@t",
    "commit",
    "--quiet",
    "--allow-empty",
    "-m",
    "start",
  ]);
  const plan = join(user.clone, "plan.json");
  writeFileSync(plan, JSON.stringify(shellPlan(4, (key) => `sleep 1; echo ${key} > ${key}`)));
  const child = user.start(
    "bin/godel",
    "team",
    "spawn",
    "--count",
    "2",
    "--plan",
    plan,
    "--repo",
    repo,
    "--name",
    "mine",
    "--runtime",
    "command",
  );
  let printed = "";
  const distributed = new Promise<void>((resolve) => {
    child.stderr?.on("data", (data) => {
      printed += data;
      if (printed.includes("Distributing")) resolve();
    });
  });
  await distributed;
  child.kill("SIGINT");
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  equal(code, 130);
  match(printed, /godel team status mine --watch/);
  const { code: watched } = await user.run("bin/godel", "team", "status", "mine", "--watch");
  equal(watched, 0);
  equal((await user.json<TeamStatus>("team", "status", "mine")).tasks.done, 4);
});
