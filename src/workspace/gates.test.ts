import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../lib/clock.ts";
import { niceness } from "../lib/priority.ts";
import { findMarked } from "../lib/process-tree.ts";
import type { GateOptions, GateOutcome, Workspace, WorkspaceLimits } from "./index.ts";
import { Workspaces } from "./index.ts";
import { type Fleet, git, makeFleet, makeRepo, makeWorkspaces, tempFolder, write } from "./repository.testing.ts";

interface Setup {
  fleet: Fleet;
  workspace: Workspace;
  logFile: string;
  run(gates: string[], options?: Partial<GateOptions>): Promise<GateOutcome>;
}

async function setUp(limits?: Partial<WorkspaceLimits>): Promise<Setup> {
  const fleet = await makeFleet(makeRepo());
  const logFile = join(tempFolder(), "logs", "gates.log");
  const workspaces = limits ? new Workspaces({ root: fleet.root, clock: systemClock, limits }) : fleet.workspaces;
  const { workspace } = await fleet.work("task", { "b.txt": "work" });
  if (limits) await reopen(workspaces, fleet);
  const defaults = {
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    env: { PATH: process.env.PATH },
    logFile,
  };
  const run = (gates: string[], options = {}) => workspaces.runGates(workspace, gates, { ...defaults, ...options });
  return { fleet, workspace, logFile, run };
}

async function reopen(workspaces: Workspaces, { repo }: Fleet): Promise<void> {
  const base = git(repo, "rev-parse", "main");
  const brief = { id: "t-alpha", name: "alpha", goal: "", repo, base, branch: "godel/alpha", model: "" };
  await workspaces.openTeam({ ...brief, limit: { usd: null, tokens: null }, spent: { usd: 0, tokens: 0 } });
  await workspaces.open({ id: "t-alpha/task/1", team: "t-alpha", key: "task", number: 1 });
}

/** Resolves once `file` is there. */
function appears(dir: string, file: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(dir, check);
    check();
    function check() {
      if (!existsSync(join(dir, file))) return;
      watcher.close();
      resolve();
    }
  });
}

const left = () => findMarked("GODEL_GATES=t-alpha/task/1");

test("gates leave the cores to whoever wants them more", async () => {
  const { run } = await setUp();
  deepEqual(await run([`test "$(nice)" = ${niceness}`]), { passed: true });
});

test("gates run in the worktree in turn, and their output is logged in order", async () => {
  const { run, logFile, workspace } = await setUp();

  deepEqual(await run(["cat b.txt; echo; echo err >&2; echo out", "pwd"]), { passed: true });
  equal(
    readFileSync(logFile, "utf8"),
    `$ cat b.txt; echo; echo err >&2; echo out\nwork\nerr\nout\n$ pwd\n${workspace.dir}\n`,
  );
});

test("the first gate that fails ends the run, with its exit code and the end of its own output", async () => {
  const { run, workspace } = await setUp();

  const outcome = await run(["echo before", "echo bad; exit 3", "touch never"]);

  deepEqual(outcome, { passed: false, gate: "echo bad; exit 3", exitCode: 3, tail: "bad\n\n[godel] exited with 3" });
  equal(existsSync(join(workspace.dir, "never")), false);
});

test("no gates pass, and a command that does not exist fails", async () => {
  const { run } = await setUp();

  deepEqual(await run([]), { passed: true });
  const outcome = await run(["no-such-command"]);
  ok(!outcome.passed && outcome.exitCode === 127 && outcome.tail.includes("not found"));
});

test("a gate sees the environment that it is given and nothing of ours", async () => {
  const { run } = await setUp();
  process.env.GODEL_TEST_KEY = "secret";
  process.env.GIT_DIR_TEST = "x";

  const outcome = await run(["env | sort; git rev-parse HEAD; exit 1"], {
    env: { PATH: process.env.PATH, GIVEN: "yes", GIT_DIR: "/x" },
  });

  ok(!outcome.passed);
  match(outcome.tail, /GIVEN=yes/);
  ok(!outcome.tail.includes("secret") && !outcome.tail.includes("GIT_"));
});

test("a gate that takes too long is killed with all that it started", async () => {
  const { run } = await setUp();

  const outcome = await run(["setsid sleep 600 & sleep 600"], { timeoutMs: 100 });

  ok(!outcome.passed && outcome.exitCode === null);
  match(outcome.tail, /took longer than 100 ms/);
  deepEqual(await left(), []);
});

test("an abort kills the running gate, and one that waits never runs", async () => {
  const { run, workspace } = await setUp({ gates: 1 });
  const controller = new AbortController();
  const running = run(["touch started; sleep 600"], { signal: controller.signal });
  const waiting = run(["touch second"], { signal: controller.signal });
  await appears(workspace.dir, "started");

  controller.abort();

  for (const outcome of await Promise.all([running, waiting])) ok(!outcome.passed && /cancelled/.test(outcome.tail));
  equal(existsSync(join(workspace.dir, "second")), false);
  deepEqual(await left(), []);
});

test("a process that a gate leaves behind is killed, in its group or in a session of its own", async () => {
  const { run } = await setUp();

  deepEqual(await run(["sleep 600 & setsid sleep 600 & setsid sh -c 'trap \"\" TERM; sleep 600' >/dev/null 2>&1 &"]), {
    passed: true,
  });
  deepEqual(await left(), []);
});

test("a flood of output is cut in the log, which says so, and its end is still answered", async () => {
  const { run, logFile } = await setUp({ maxGateLogBytes: 10_000 });

  const outcome = await run([
    "head -c 5000000 /dev/zero | tr '\\0' x; echo; printf 'ü%.0s' $(seq 3000); echo the end; exit 1",
  ]);

  ok(!outcome.passed);
  ok(outcome.tail.length <= 4_000);
  match(outcome.tail, /üü+the end\n\n\[godel\] exited with 1$/);
  const log = readFileSync(logFile, "utf8");
  ok(log.length < 11_000);
  match(log, /output beyond 10000 bytes is left out here/);
});

test("what gates leave in the worktree is not kept, and what the agent left there is", async () => {
  const { run, fleet, workspace } = await setUp();
  const commit = git(fleet.repo, "rev-parse", "refs/godel/alpha/task/1");
  await run(["touch coverage.txt"]);

  deepEqual(await fleet.workspaces.release(workspace.attempt), { commit });
  equal(git(fleet.repo, "rev-parse", "refs/godel/alpha/task/1"), commit);
});

test("work after the gates, once committed, counts again", async () => {
  const { run, fleet, workspace } = await setUp();
  await run(["false"]);
  write(workspace.dir, { "b.txt": "mended" });
  await fleet.workspaces.commit(workspace, { subject: "mended", body: "" });
  write(workspace.dir, { "c.txt": "later" });

  const { commit } = await fleet.workspaces.release(workspace.attempt);

  equal(git(fleet.repo, "show", `${commit}:c.txt`), "later");
});

test("a gate that fails before any work is told from those that pass, and its worktree is not kept", async () => {
  const repo = makeRepo({ "ok.txt": "yes\n" });
  const workspaces = makeWorkspaces();
  const options = { signal: new AbortController().signal, timeoutMs: 60_000, env: process.env };
  const red = await workspaces.redOnBase(
    { repo, commit: null, gates: ["test -f ok.txt", "echo no such thing; exit 3", "echo x > ok.txt"] },
    options,
  );
  deepEqual(red, [
    { passed: false, gate: "echo no such thing; exit 3", exitCode: 3, tail: "no such thing\n\n[godel] exited with 3" },
  ]);
  equal(git(repo, "for-each-ref", "refs/godel"), "");
  equal(git(repo, "worktree", "list").split("\n").length, 1);
  await workspaces.close();
});
