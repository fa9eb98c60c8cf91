import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assert } from "../lib/assert.ts";
import { type Fleet, git, makeFleet, makeRepo, write } from "./repository.testing.ts";

const next = { id: "t-alpha/task/2", team: "t-alpha", key: "task", number: 2 };
const lost = "t-alpha/task/1";

async function adopt(fleet: Fleet) {
  const workspace = await fleet.workspaces.adopt(next, lost);
  assert(workspace, "there was a worktree to go on in");
  return workspace;
}

test("who goes on has the same folder, base and files, and keeps them under its own ref alone", async () => {
  const fleet = await makeFleet(makeRepo());
  const old = await fleet.open("task");
  write(old.dir, { "a.txt": "half", "new.txt": "new" });

  const workspace = await adopt(fleet);

  deepEqual(workspace, { attempt: next.id, dir: old.dir, base: old.base });
  deepEqual(await fleet.workspaces.list(), [next.id]);
  equal((await fleet.workspaces.commit(workspace, { subject: "Done", body: "" })).files, 2);
  equal(git(fleet.repo, "for-each-ref", "--format=%(refname)", "refs/godel"), "refs/godel/alpha/task/2");
  equal(git(fleet.repo, "show", "refs/godel/alpha/task/2:a.txt"), "half");
});

test("the lost attempt has nothing left to release, and what it had is not taken away under who goes on", async () => {
  const fleet = await makeFleet(makeRepo());
  const old = await fleet.open("task");
  write(old.dir, { "new.txt": "new" });
  const workspace = await adopt(fleet);
  deepEqual(await fleet.workspaces.release(lost), { commit: null });
  ok(existsSync(join(workspace.dir, "new.txt")));
  equal(await fleet.workspaces.adopt({ ...next, id: "t-alpha/task/3", number: 3 }, lost), null);
});

test("after a restart it is found, and a git that was killed in it is no hindrance", async () => {
  const before = await makeFleet(makeRepo());
  const old = await before.open("task");
  write(old.dir, { "new.txt": "new" });
  const metadata = git(old.dir, "rev-parse", "--absolute-git-dir");
  writeFileSync(join(metadata, "index.lock"), "");
  const fleet = await makeFleet(before.repo, { root: before.root });
  deepEqual(await fleet.workspaces.list(), [lost]);
  const workspace = await adopt(fleet);
  equal((await fleet.workspaces.commit(workspace, { subject: "Done", body: "" })).files, 1);
  equal(git(workspace.dir, "status", "--porcelain", "--untracked-files=no"), "");
});

test("what was committed already is gone on with as it was then, without what gates left since", async () => {
  const before = await makeFleet(makeRepo());
  const { workspace: old, commit } = await before.work("task", { "a.txt": "good", "new.txt": "new" });
  write(old.dir, { "a.txt": "spoilt by a gate", "report.txt": "left by a gate" });
  const fleet = await makeFleet(before.repo, { root: before.root });

  const workspace = await adopt(fleet);

  deepEqual(readdirSync(workspace.dir).toSorted(), [".git", "a.txt", "new.txt"]);
  equal(readFileSync(join(workspace.dir, "a.txt"), "utf8"), "good");
  const again = await fleet.workspaces.commit(workspace, { subject: "Done", body: "" });
  equal(git(fleet.repo, "rev-parse", `${again.commit}^{tree}`), git(fleet.repo, "rev-parse", `${commit}^{tree}`));
  ok("merged" in (await fleet.merge("task", again.commit, 2)));
});

test("of a crash that left a worktree with two owners, the next takes it from both", async () => {
  const before = await makeFleet(makeRepo());
  const old = await before.open("task");
  const records = join(before.root, "records");
  const [name = ""] = readdirSync(records).filter((file) => file.endsWith(".json"));
  const record = readFileSync(join(records, name));
  await adopt(before);
  writeFileSync(join(records, name), record);

  const fleet = await makeFleet(before.repo, { root: before.root });
  const workspace = await fleet.workspaces.adopt({ ...next, id: "t-alpha/task/3", number: 3 }, next.id);

  equal(workspace?.dir, old.dir);
  deepEqual(await fleet.workspaces.list(), ["t-alpha/task/3"]);
  deepEqual(await fleet.workspaces.release(lost), { commit: null });
  ok(existsSync(old.dir));
});

test("there is nothing to go on in when it was released, or never checked out whole", async () => {
  const fleet = await makeFleet(makeRepo());
  equal(await fleet.workspaces.adopt(next, lost), null);
  await fleet.open("task");
  await fleet.workspaces.release(lost);
  equal(await fleet.workspaces.adopt(next, lost), null);
  equal((await fleet.open("task", 2)).attempt, next.id);
});
