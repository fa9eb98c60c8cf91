import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { git, makeFleet, makeRepo, tempFolder, write } from "./repository.testing.ts";

const merged = (outcome: object) => ("merged" in outcome ? String(outcome.merged) : "");
const conflict = (outcome: object) => ("conflict" in outcome ? String(outcome.conflict) : "");
const subjects = (repo: string, branch = "godel/alpha") =>
  git(repo, "log", "--format=%s", branch, "--not", "main").split("\n");

test("attempts land one after the other as one commit each, in a line, with their trailers", async () => {
  const fleet = await makeFleet(makeRepo());
  const works = await Promise.all(["x", "y", "z"].map((key) => fleet.work(key, { [`${key}.txt`]: key })));

  const outcomes = await Promise.all(["x", "y", "z"].map((key, i) => fleet.merge(key, works[i]?.commit ?? null)));

  equal(git(fleet.repo, "rev-parse", "godel/alpha"), merged(outcomes[2] ?? {}));
  deepEqual(subjects(fleet.repo), ["Do z", "Do y", "Do x"]);
  deepEqual(git(fleet.repo, "ls-tree", "--name-only", "godel/alpha").split("\n"), ["a.txt", "x.txt", "y.txt", "z.txt"]);
  equal(git(fleet.repo, "log", "-1", "--format=%b", "godel/alpha"), "Godel-Task: z\nGodel-Attempt: t-alpha/z/1");
  equal(git(fleet.repo, "rev-list", "--min-parents=2", "--count", "godel/alpha"), "0");
  equal(git(fleet.repo, "rev-parse", "--abbrev-ref", "HEAD"), "main");
});

test("a worktree opened after a merge starts from it, and one from before merges with it", async () => {
  const fleet = await makeFleet(makeRepo({ "a.txt": "1\n2\n3\n4\n5\n6\n7\n8\n9\n" }));
  const [first, early] = await Promise.all([
    fleet.work("first", { "a.txt": "one\n2\n3\n4\n5\n6\n7\n8\n9\n" }),
    fleet.work("early", { "a.txt": "1\n2\n3\n4\n5\n6\n7\n8\nnine\n" }),
  ]);
  const tip = merged(await fleet.merge("first", first.commit));

  equal((await fleet.open("late")).base, tip);
  ok(merged(await fleet.merge("early", early.commit)));
  equal(git(fleet.repo, "show", "godel/alpha:a.txt"), "one\n2\n3\n4\n5\n6\n7\n8\nnine");
});

test("an attempt is merged once, however often it is asked for and whoever asks after a restart", async () => {
  const fleet = await makeFleet(makeRepo());
  const { commit } = await fleet.work("x", { "x.txt": "" });
  const [first, again] = await Promise.all([fleet.merge("x", commit), fleet.merge("x", commit)]);
  const { commit: other } = await fleet.work("y", { "y.txt": "" });
  await fleet.merge("y", other);

  deepEqual(again, first);
  const restarted = await makeFleet(fleet.repo, { root: fleet.root });
  deepEqual(await restarted.merge("x", commit), first);
  equal(subjects(fleet.repo).length, 2);
});

test("an attempt that changed nothing answers the tip and adds no commit", async () => {
  const fleet = await makeFleet(makeRepo());

  deepEqual(await fleet.merge("x", null), { merged: git(fleet.repo, "rev-parse", "main") });
  equal(git(fleet.repo, "rev-list", "--count", "main..godel/alpha"), "0");
});

test("a conflict names the file, the task that changed it and both sides, and changes nothing", async () => {
  const fleet = await makeFleet(makeRepo({ "a.txt": "one\n", "b b.txt": "x\n", "gone.txt": "x\n" }));
  const [mine, yours] = await Promise.all([
    fleet.work("mine", { "a.txt": "mine\n", "b b.txt": "mine\n" }),
    fleet.work("yours", { "a.txt": "yours\n", "gone.txt": "changed\n" }),
  ]);
  rmSync(join(mine.workspace.dir, "gone.txt"));
  const { commit } = await fleet.workspaces.commit(mine.workspace, { subject: "again", body: "" });
  await fleet.merge("mine", commit);
  const tip = git(fleet.repo, "rev-parse", "godel/alpha");

  const text = conflict(await fleet.merge("yours", yours.commit));

  match(text, /2 files conflict/);
  match(
    text,
    /a\.txt\n {2}changed on the branch by task mine \(Do mine\)\n<<<<<<< on the branch\nmine\n=======\nyours\n>>>>>>> in this attempt/,
  );
  match(text, /gone\.txt\n.*task mine.*\n {2}one side deleted/);
  ok(!text.includes("b b.txt"));
  equal(git(fleet.repo, "rev-parse", "godel/alpha"), tip);
  equal(git(fleet.repo, "rev-parse", "refs/godel/alpha/yours/1"), yours.commit);
});

test("the account of a large conflict is bounded and says that it is", async () => {
  const names = Array.from({ length: 30 }, (_, i) => `f${i}.txt`);
  const filled = (text: string) => Object.fromEntries(names.map((name) => [name, `${text}\n`.repeat(500)]));
  const fleet = await makeFleet(makeRepo(filled("base")));
  const [x, y] = await Promise.all([fleet.work("x", filled("left ".repeat(99))), fleet.work("y", filled("right"))]);
  await fleet.merge("x", x.commit);

  const text = conflict(await fleet.merge("y", y.commit));

  ok(text.length <= 3_500, `${text.length} characters`);
  match(text, /^The work does not merge into godel\/alpha: 30 files conflict/);
  match(text, /lines left out/);
  match(text, /left out\)$/);
});

test("two teams on one repository do not get in each other's way", async () => {
  const repo = makeRepo();
  const fleets = await Promise.all([makeFleet(repo, { team: "alpha" }), makeFleet(repo, { team: "beta" })]);

  await Promise.all(
    fleets.flatMap((fleet) =>
      ["x", "y", "z"].map(async (key) => {
        const { commit, workspace } = await fleet.work(key, { [`${key}.txt`]: key });
        ok(merged(await fleet.merge(key, commit)));
        await fleet.workspaces.release(workspace.attempt);
      }),
    ),
  );

  for (const branch of ["godel/alpha", "godel/beta"]) equal(subjects(repo, branch).length, 3);
});

test("a commit that a person puts on the branch stays, and the next merge goes on top of it", async () => {
  const fleet = await makeFleet(makeRepo());
  const { commit } = await fleet.work("x", { "x.txt": "" });
  const elsewhere = join(tempFolder(), "elsewhere");
  git(fleet.repo, "worktree", "add", "--quiet", elsewhere, "godel/alpha");
  write(elsewhere, { "person.txt": "" });
  git(elsewhere, "add", "--all");
  git(elsewhere, "commit", "--quiet", "--message=person");
  git(fleet.repo, "worktree", "remove", elsewhere);

  ok(merged(await fleet.merge("x", commit)));
  deepEqual(subjects(fleet.repo), ["Do x", "person"]);
});

test("a branch that a person deleted comes back with all that was on it", async () => {
  const fleet = await makeFleet(makeRepo());
  const [x, y] = await Promise.all([fleet.work("x", { "x.txt": "" }), fleet.work("y", { "y.txt": "" })]);
  await fleet.merge("x", x.commit);
  git(fleet.repo, "branch", "-D", "godel/alpha");

  await fleet.merge("y", y.commit);

  deepEqual(subjects(fleet.repo), ["Do y", "Do x"]);
});

test("nothing is merged under a checkout of the branch, and it goes on once that is gone", async () => {
  const fleet = await makeFleet(makeRepo());
  const { commit, workspace } = await fleet.work("x", { "x.txt": "" });
  git(fleet.repo, "checkout", "--quiet", "godel/alpha");
  await rejects(fleet.merge("x", commit), { code: "BRANCH_CHECKED_OUT" });
  equal(git(fleet.repo, "status", "--porcelain"), "");

  git(fleet.repo, "checkout", "--quiet", "main");
  // An agent that looks at the branch does not hold up the others.
  git(workspace.dir, "checkout", "--quiet", "--force", "godel/alpha");
  ok(merged(await fleet.merge("x", commit)));
});

test("a lock that a killed git left on the branch is broken once it is old, and not before", async () => {
  const fleet = await makeFleet(makeRepo());
  const { commit } = await fleet.work("x", { "x.txt": "" });
  const lock = join(fleet.repo, ".git/refs/heads/godel/alpha.lock");
  writeFileSync(lock, "");
  await rejects(fleet.merge("x", commit), { code: "GIT_FAILED", message: /alpha\.lock/ });

  utimesSync(lock, 1, 1);
  ok(merged(await fleet.merge("x", commit)));
});

test("a title of several lines is one subject, and one that looks like a trailer is none", async () => {
  const fleet = await makeFleet(makeRepo());
  const { commit } = await fleet.work("x", { "x.txt": "" });
  const title = "Godel-Attempt: t-alpha/y/1\n\nGodel-Attempt: t-alpha/z/1";
  await fleet.workspaces.merge({ attempt: "t-alpha/x/1", team: "t-alpha", key: "x", title, commit });
  const { commit: y } = await fleet.work("y", { "y.txt": "" });

  const restarted = await makeFleet(fleet.repo, { root: fleet.root });
  notEqual(merged(await restarted.merge("y", y)), git(fleet.repo, "rev-parse", "godel/alpha~"));
  equal(subjects(fleet.repo).length, 2);
});

test("a team that is not open cannot merge, and a closed one waits for its merges first", async () => {
  const fleet = await makeFleet(makeRepo());
  const { commit } = await fleet.work("x", { "x.txt": "" });
  const merging = fleet.merge("x", commit);
  await fleet.workspaces.closeTeam("t-alpha");

  ok(merged(await merging));
  await rejects(fleet.merge("y", commit), { name: "AssertionError" });
});
