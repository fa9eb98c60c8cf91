import { deepEqual, equal, match } from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { EndedTeam } from "../model/garbage.ts";
import { type Fleet, git, makeFleet, makeRepo, tempFolder, write } from "./repository.testing.ts";

const user = ["-c", "user.name=User", "-c", "user.email=user@example.com"];

/** A team that did `files`, a task for each, all merged into its branch; it is over. */
async function overTeam(...keys: string[]): Promise<Fleet & { team: EndedTeam }> {
  const repo = makeRepo();
  const base = git(repo, "rev-parse", "main");
  const fleet = await makeFleet(repo);
  for (const key of keys) {
    const { commit, workspace } = await fleet.work(key, { [`${key}.txt`]: `${key}\n` });
    await fleet.merge(key, commit);
    await fleet.workspaces.release(workspace.attempt);
  }
  return { ...fleet, team: { id: "t-alpha", name: "alpha", repo, base, branch: "godel/alpha", keep: null } };
}

function refs(repo: string): string[] {
  return git(repo, "for-each-ref", "--format=%(refname)", "refs/heads/godel", "refs/godel").split("\n").filter(Boolean);
}

/** What is left of a team's refs after all that may go went, and why. */
async function collect({ workspaces, team }: { workspaces: Fleet["workspaces"]; team: EndedTeam }) {
  const all = (await workspaces.collect(team, true)) ?? [];
  return Object.fromEntries(all.filter(({ merged }) => !merged).map(({ name, why }) => [name, why]));
}

test("of a team whose branch the user merged, branch and refs go, and every commit of it stays", async () => {
  const fleet = await overTeam("x", "y");
  const tip = git(fleet.repo, "rev-parse", "godel/alpha");
  git(fleet.repo, ...user, "merge", "--quiet", "--no-ff", "-m", "take it", "godel/alpha");
  deepEqual(await collect(fleet), {});
  deepEqual(refs(fleet.repo), []);
  equal(git(fleet.repo, "merge-base", "--is-ancestor", tip, "main"), "");
});

test("a look changes nothing, and says the same", async () => {
  const fleet = await overTeam("x");
  git(fleet.repo, "merge", "--quiet", "--ff-only", "godel/alpha");
  const before = refs(fleet.repo);
  const looked = (await fleet.workspaces.collect(fleet.team, false)) ?? [];
  deepEqual(looked.map(({ kind, merged }) => `${kind} ${merged}`).sort(), ["branch true", "ref true"]);
  deepEqual(refs(fleet.repo), before);
});

test("what is merged nowhere stays, all of it", async () => {
  const fleet = await overTeam("x");
  const kept = await collect(fleet);
  deepEqual(kept, {
    "refs/godel/alpha/x/1": "its work is on no branch of yours",
    "refs/heads/godel/alpha": "it is merged into no other branch",
  });
  deepEqual(Object.keys(kept).sort(), refs(fleet.repo).sort());
});

test("a failed attempt's work stays although its team is merged", async () => {
  const fleet = await overTeam("x");
  await fleet.work("bad", { "bad.txt": "half done\n" });
  await fleet.workspaces.release("t-alpha/bad/1");
  git(fleet.repo, "merge", "--quiet", "--ff-only", "godel/alpha");
  deepEqual(await collect(fleet), { "refs/godel/alpha/bad/1": "its work is on no branch of yours" });
});

test("the ref of a merged attempt stays while it holds more than was merged", async () => {
  const fleet = await overTeam("x");
  const { commit, workspace } = await fleet.work("y", { "y.txt": "y\n" });
  await fleet.merge("y", commit);
  write(workspace.dir, { "later.txt": "written after the merge\n" });
  await fleet.workspaces.release(workspace.attempt);
  git(fleet.repo, "merge", "--quiet", "--ff-only", "godel/alpha");
  match((await collect(fleet))["refs/godel/alpha/y/1"] ?? "", /^it holds more than was merged as [0-9a-f]{12}$/);
});

test("a commit that the user made anew proves nothing: it may hold less", async () => {
  const fleet = await overTeam("x");
  git(fleet.repo, ...user, "cherry-pick", "godel/alpha");
  git(fleet.repo, "rm", "--quiet", "x.txt");
  git(fleet.repo, ...user, "commit", "--quiet", "--amend", "--no-edit", "--allow-empty");
  deepEqual(Object.keys(await collect(fleet)).length, 2);
});

test("another team's branch, here or pushed, is no place of the user's, and neither is a tag", async () => {
  const fleet = await overTeam("x");
  git(fleet.repo, "branch", "godel/beta", "godel/alpha");
  git(fleet.repo, "update-ref", "refs/remotes/origin/godel/alpha", "godel/alpha");
  git(fleet.repo, "tag", "seen", "godel/alpha");
  equal(Object.keys(await collect(fleet)).length, 2);
  equal(git(fleet.repo, "rev-parse", "--verify", "godel/beta").length, 40);
});

test("a branch that is checked out stays", async () => {
  const fleet = await overTeam("x");
  git(fleet.repo, "merge", "--quiet", "--ff-only", "godel/alpha");
  const place = join(tempFolder(), "look");
  git(fleet.repo, "worktree", "add", "--quiet", place, "godel/alpha");
  deepEqual(await collect(fleet), { "refs/heads/godel/alpha": `it is checked out at ${place}` });
});

test("of a team that is to be kept nothing goes, whatever is merged", async () => {
  const fleet = await overTeam("x");
  git(fleet.repo, "merge", "--quiet", "--ff-only", "godel/alpha");
  const kept = await collect({ ...fleet, team: { ...fleet.team, keep: "a task may be tried again" } });
  deepEqual(Object.values(kept), ["a task may be tried again", "a task may be tried again"]);
});

test("refs of another team with a name that begins alike are not looked at", async () => {
  const fleet = await overTeam("x");
  const other = await makeFleet(fleet.repo, { team: "alphabet" });
  await other.work("x", { "z.txt": "z\n" });
  git(fleet.repo, "merge", "--quiet", "--ff-only", "godel/alpha");
  await collect(fleet);
  deepEqual(refs(fleet.repo), ["refs/godel/alphabet/x/1", "refs/heads/godel/alphabet"]);
});

test("of a repository that is gone nothing is said", async () => {
  const fleet = await overTeam("x");
  rmSync(fleet.repo, { recursive: true });
  equal(await fleet.workspaces.collect(fleet.team, true), null);
});
