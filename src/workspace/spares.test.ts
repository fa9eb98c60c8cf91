import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Fleet, git, makeFleet, makeRepo, tempFolder, write } from "./repository.testing.ts";

const files = { "a.txt": "aaaa", "b/b.txt": "b", "run.sh": "#!/bin/sh\n", ".gitignore": "*.log\nnode_modules/\n" };

/** Inodes are given again, so the birth counts too. */
function identityOf(dir: string): string {
  const { ino, birthtimeNs } = statSync(dir, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}

/** Lets one attempt do `change`, releases it, opens the next, and answers its folder. */
async function reuse(fleet: Fleet, change: (dir: string) => unknown) {
  const first = await fleet.open("first");
  const before = identityOf(first.dir);
  await change(first.dir);
  await fleet.workspaces.release(first.attempt);
  const second = await fleet.open("second");
  return { dir: second.dir, reused: identityOf(second.dir) === before };
}

/** Nothing but what is committed: no other file, ignored or not. */
function assertPristine(dir: string): void {
  equal(git(dir, "status", "--porcelain", "--ignored"), "");
  // Not by what git remembers of the files, but by what is in them.
  rmSync(join(git(dir, "rev-parse", "--git-dir"), "index"));
  git(dir, "reset", "--quiet");
  equal(git(dir, "status", "--porcelain", "--ignored"), "");
}

test("a released worktree serves the next attempt, which sees nothing of the last", async () => {
  const { dir, reused } = await reuse(await makeFleet(makeRepo(files)), (dir) => {
    write(dir, { "new.txt": "n", "noise.log": "l", "node_modules/x/index.js": "" });
    rmSync(join(dir, "b"), { recursive: true });
    write(dir, { b: "a file now" });
    rmSync(join(dir, "a.txt"));
    mkdirSync(join(dir, "a.txt/deep/empty"), { recursive: true });
    chmodSync(join(dir, "run.sh"), 0o755);
  });

  ok(reused);
  assertPristine(dir);
});

test("it starts from what was merged meanwhile", async () => {
  const fleet = await makeFleet(makeRepo(files));
  const { workspace, commit } = await fleet.work("x", { "a.txt": "merged", "x.txt": "" });
  await fleet.merge("x", commit);
  await fleet.workspaces.release(workspace.attempt);

  const { dir, base } = await fleet.open("y");

  equal(base, git(fleet.repo, "rev-parse", "godel/alpha"));
  equal(readFileSync(join(dir, "a.txt"), "utf8"), "merged");
  assertPristine(dir);
});

test("a file that gates changed without a trace in its size and time is put back", async () => {
  const fleet = await makeFleet(makeRepo(files));
  const { dir } = await reuse(fleet, async (dir) => {
    const { atime, mtime } = statSync(join(dir, "a.txt"));
    const workspace = await fleet.open("first");
    const options = { signal: new AbortController().signal, timeoutMs: 60_000, env: process.env, logFile: "/dev/null" };
    await fleet.workspaces.runGates(workspace, ["true"], options);
    writeFileSync(join(dir, "a.txt"), "AAAA");
    utimesSync(join(dir, "a.txt"), atime, mtime);
  });

  equal(readFileSync(join(dir, "a.txt"), "utf8"), "aaaa");
});

test("repositories, branches and settings that the agent made are gone for the next", async () => {
  const { dir, reused } = await reuse(await makeFleet(makeRepo(files)), (dir) => {
    git(dir, "checkout", "--quiet", "-b", "mine");
    git(dir, "bisect", "start");
    mkdirSync(join(dir, "node_modules/dep"), { recursive: true });
    git(join(dir, "node_modules/dep"), "init", "--quiet");
    write(dir, { "node_modules/dep/x": "" });
  });

  ok(reused);
  assertPristine(dir);
  equal(git(dir, "rev-parse", "--abbrev-ref", "HEAD"), "HEAD");
  equal(git(dir, "for-each-ref", "refs/bisect"), "");
});

test("a link that the agent put in place of its .git file is not written through", async () => {
  const victim = join(tempFolder(), "victim");
  writeFileSync(victim, "mine");
  const fleet = await makeFleet(makeRepo(files));
  const { dir } = await reuse(fleet, async (dir) => {
    await fleet.workspaces.commit(await fleet.open("first"), { subject: "x", body: "" });
    rmSync(join(dir, ".git"));
    symlinkSync(victim, join(dir, ".git"));
  });

  equal(readFileSync(victim, "utf8"), "mine");
  assertPristine(dir);
});

test("files that cannot be used again are left, and the attempt gets fresh ones", async () => {
  const repo = makeRepo(files);
  const fleet = await makeFleet(repo);
  const first = await fleet.open("first");
  const before = identityOf(first.dir);
  await fleet.workspaces.release(first.attempt);
  // As a crash of the disk or a person might: the index of the spare is no index.
  for (const spare of spareIndexes(fleet.root)) writeFileSync(spare, "rubbish");

  const { dir } = await fleet.open("second");

  notEqual(identityOf(dir), before);
  assertPristine(dir);
});

test("what is spare goes with the last team on the repository, and not before", async () => {
  const repo = makeRepo(files);
  const fleet = await makeFleet(repo);
  const base = git(repo, "rev-parse", "main");
  const other = { id: "t-beta", name: "beta", goal: "", repo, base, branch: "godel/beta", model: "" };
  await fleet.workspaces.openTeam({ ...other, limit: { usd: null, tokens: null }, spent: { usd: 0, tokens: 0 } });
  await fleet.workspaces.release((await fleet.open("task")).attempt);

  await fleet.workspaces.closeTeam("t-beta");
  equal(spareIndexes(fleet.root).length, 1);
  await fleet.workspaces.closeTeam("t-alpha");
  deepEqual(spareIndexes(fleet.root), []);
});

function spareIndexes(root: string): string[] {
  const names = readdirSync(join(root, "trash"), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".index")).map((name) => join(root, "trash", name));
}
