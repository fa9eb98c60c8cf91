import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crash, worktreesOf } from "./crash.testing.ts";
import { git, makeFleet, makeRepo, makeWorkspaces, tempFolder, write } from "./repository.testing.ts";

const ref = "refs/godel/alpha/task/1";
const nothing = { trees: [], records: [], trash: [], metadata: [] };

function leftIn(root: string, repo: string) {
  const meta = join(repo, ".git");
  const list = (dir: string) => (existsSync(dir) ? readdirSync(dir) : []);
  return {
    trees: list(join(root, "trees")),
    records: list(join(root, "records")),
    trash: list(join(root, "trash")).flatMap((run) => list(join(root, "trash", run))),
    metadata: [...list(join(meta, "worktrees")), ...list(join(meta, "godel"))],
  };
}

const hasRef = (repo: string) => git(repo, "for-each-ref", ref) !== "";

test("a release keeps unfinished work under the attempt's ref and leaves nothing else", async () => {
  const fleet = await makeFleet(makeRepo());
  const workspace = await fleet.open("task");
  write(workspace.dir, { "b.txt": "unfinished" });

  const { commit } = await fleet.workspaces.release(workspace.attempt);

  equal(git(fleet.repo, "rev-parse", ref), commit);
  equal(git(fleet.repo, "show", `${ref}:b.txt`), "unfinished");
  await fleet.workspaces.close();
  deepEqual(leftIn(fleet.root, fleet.repo), nothing);
  deepEqual(worktreesOf(fleet.repo), [`worktree ${fleet.repo}`]);
  deepEqual(await fleet.workspaces.release(workspace.attempt), { commit: null });
});

test("a release adds later work on top of the commit, which may be on its way into the branch", async () => {
  const fleet = await makeFleet(makeRepo());
  const { workspace, commit } = await fleet.work("task", { "b.txt": "b" });
  write(workspace.dir, { "c.txt": "c" });

  const released = await fleet.workspaces.release(workspace.attempt);

  equal(git(fleet.repo, "rev-parse", `${released.commit}^`), commit);
});

test("a release of a worktree with nothing in it makes no ref, and of a committed one no second commit", async () => {
  const fleet = await makeFleet(makeRepo());
  const empty = await fleet.open("empty");
  deepEqual(await fleet.workspaces.release(empty.attempt), { commit: null });
  equal(git(fleet.repo, "for-each-ref", "refs/godel"), "");

  const { workspace, commit } = await fleet.work("task", { "b.txt": "b" });
  deepEqual(await fleet.workspaces.release(workspace.attempt), { commit });
});

test("read-only folders and a worktree that the agent deleted do not stop a release", async () => {
  const fleet = await makeFleet(makeRepo());
  const { workspace } = await fleet.work("task", { "deep/cache/b.txt": "b" });
  chmodSync(join(workspace.dir, "deep/cache"), 0o555);
  chmodSync(join(workspace.dir, "deep"), 0o555);
  await fleet.workspaces.release(workspace.attempt);

  const gone = await fleet.open("gone");
  renameSync(gone.dir, join(tempFolder(), "away"));
  await fleet.workspaces.release(gone.attempt);
  await fleet.workspaces.close();
  deepEqual(leftIn(fleet.root, fleet.repo), nothing);
});

test("after a restart, orphans are saved and removed, and live attempts go on where they were", async () => {
  const fleet = await makeFleet(makeRepo());
  const [live, orphan] = await Promise.all([fleet.open("live"), fleet.open("task")]);
  write(live.dir, { "live.txt": "l" });
  write(orphan.dir, { "orphan.txt": "o" });

  const restarted = await makeFleet(fleet.repo, { root: fleet.root });
  deepEqual(await restarted.workspaces.salvage(new Set([live.attempt])), { released: 1, kept: [] });

  equal(git(fleet.repo, "show", `${ref}:orphan.txt`), "o");
  equal(existsSync(orphan.dir), false);
  deepEqual(await restarted.open("live"), live);
  equal((await restarted.workspaces.commit(live, { subject: "live", body: "" })).files, 1);
});

test("work whose repository is gone is left where it is and named, and the others are saved", async () => {
  const root = join(tempFolder(), "work");
  const repos = [makeRepo(), makeRepo()];
  for (const [index, repo] of repos.entries()) {
    const fleet = await makeFleet(repo, { root, team: `team${index}` });
    write((await fleet.open("task")).dir, { "b.txt": "b" });
  }
  renameSync(join(String(repos[0]), ".git"), join(tempFolder(), "away"));

  const { released, kept } = await makeWorkspaces(root).salvage(new Set());

  equal(released, 1);
  equal(kept.length, 1);
  match(String(kept[0]), /t-team0_task_1: /);
  ok(existsSync(join(root, "trees/t-team0_task_1/b.txt")));
  equal(git(String(repos[1]), "show", "refs/godel/team1/task/1:b.txt"), "b");
});

test("an empty or missing root has nothing to salvage", async () => {
  deepEqual(await makeWorkspaces().salvage(new Set()), { released: 0, kept: [] });
});

for (const when of ["before", "after"] as const) {
  test(`a node killed ${when} the checkout of a worktree leaves no trace, and the attempt can be opened again`, async () => {
    const repo = makeRepo();
    const { root, workspaces, open } = await makeFleet(repo);
    crash({ repo, root, at: "git read-tree", when });

    deepEqual(await workspaces.salvage(new Set()), { released: 1, kept: [] });
    await workspaces.close();
    deepEqual(leftIn(root, repo), nothing);
    equal(hasRef(repo), false);
    equal(git((await open("task")).dir, "status", "--porcelain"), "");
  });

  for (const step of ["git add", "git write-tree", "git commit-tree", "git update-ref refs/godel/"]) {
    test(`a node killed ${when} \`${step}\` of a commit loses no work, nor keeps it twice`, async () => {
      const repo = makeRepo();
      const { root, workspaces } = await makeFleet(repo);
      crash({ repo, root, at: step, when });

      deepEqual(await workspaces.salvage(new Set()), { released: 1, kept: [] });
      await workspaces.close();
      equal(git(repo, "show", `${ref}:work.txt`), "work");
      equal(git(repo, "rev-list", "--count", `main..${ref}`), "1");
      deepEqual(leftIn(root, repo), nothing);
    });
  }

  test(`a node killed ${when} the branch moved merges the attempt exactly once`, async () => {
    const repo = makeRepo();
    const { root } = await makeFleet(repo);
    crash({ repo, root, at: "git update-ref refs/heads/", when });
    const tip = git(repo, "rev-parse", "godel/alpha");

    const restarted = await makeFleet(repo, { root });
    const outcome = await restarted.merge("task", git(repo, "rev-parse", ref));

    deepEqual(outcome, { merged: when === "after" ? tip : git(repo, "rev-parse", "godel/alpha") });
    equal(git(repo, "rev-list", "--count", "main..godel/alpha"), "1");
  });

  test(`a node killed ${when} it cleaned a worktree for the next attempt keeps none of the last one's files`, async () => {
    const repo = makeRepo();
    const { root, workspaces } = await makeFleet(repo);
    crash({ repo, root, at: "git clean", when, spares: 1 });

    deepEqual(await workspaces.salvage(new Set()), { released: 1, kept: [] });
    deepEqual(leftIn(root, repo), nothing);
    equal(git(repo, "for-each-ref", "refs/godel/alpha/next"), "");
  });

  test(`a node killed ${when} it deleted a worktree's files takes none of that for work`, async () => {
    const repo = makeRepo();
    const { root, workspaces } = await makeFleet(repo);
    crash({ repo, root, at: "rm -rf", when });
    const kept = git(repo, "rev-parse", ref);

    deepEqual(await workspaces.salvage(new Set()), { released: 1, kept: [] });
    await workspaces.close();
    equal(git(repo, "rev-parse", ref), kept);
    deepEqual(leftIn(root, repo), nothing);
  });
}

test("a git killed in the middle of a checkout, with its locks left, leaves no trace", async () => {
  const repo = makeRepo({ "a.txt": "a", "b.bad": "b", ".gitattributes": "*.bad filter=bad\n" });
  const { root, workspaces } = await makeFleet(repo);
  git(repo, "config", "filter.bad.smudge", "kill -9 $PPID");
  crash({ repo, root, at: "git read-tree", when: "after" });
  git(repo, "config", "--unset", "filter.bad.smudge");

  ok(readdirSync(join(root, "records")).includes("t-alpha_task_1.index.lock"));
  // As one leaves it that is killed while it reads the copy of what the agent said to git.
  writeFileSync(join(root, "records", "t-alpha_task_1.agent-index.lock"), "");
  deepEqual(await workspaces.salvage(new Set()), { released: 1, kept: [] });
  await workspaces.close();
  deepEqual(leftIn(root, repo), nothing);
  equal(hasRef(repo), false);
});

test("a record that could not be put in its place leaves no half of it beside the others", async () => {
  const { root, open } = await makeFleet(makeRepo());
  const records = join(root, "records");
  mkdirSync(join(records, "t-alpha_task_1.json"));
  await rejects(open("task"));
  deepEqual(readdirSync(records), ["t-alpha_task_1.json"]);
});

test("where refs are in tables, git itself makes the worktree", async () => {
  const repo = makeRepo();
  mkdirSync(join(repo, ".git/reftable"));
  const fleet = await makeFleet(repo);
  const { workspace, commit } = await fleet.work("task", { "b.txt": "b" });

  equal(git(workspace.dir, "rev-parse", "HEAD"), workspace.base);
  equal((await fleet.workspaces.release(workspace.attempt)).commit, commit);
  await fleet.workspaces.close();
  deepEqual(leftIn(fleet.root, repo), nothing);
});

test("a root that cannot be made is refused at the start", () => {
  const folder = tempFolder();
  write(folder, { file: "" });
  try {
    makeWorkspaces(join(folder, "file", "root"));
    ok(false);
  } catch (error) {
    equal((error as { code: string }).code, "HOME_UNUSABLE");
  }
});
