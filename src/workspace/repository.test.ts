import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { git, makeRepo, makeWorkspaces, tempFolder, write } from "./repository.testing.ts";

const workspaces = makeWorkspaces();

test("a repository is found from a folder inside it, dirty or not", async () => {
  const repo = makeRepo({ "src/a.txt": "one" });
  write(repo, { "src/a.txt": "changed", "new.txt": "" });

  const found = await workspaces.inspect(join(repo, "src"), "godel/x");

  deepEqual(found, { repo, base: git(repo, "rev-parse", "HEAD") });
});

test("inside a linked worktree the main one is named, with the commit where the caller stands", async () => {
  const repo = makeRepo();
  const linked = join(tempFolder(), "linked");
  git(repo, "worktree", "add", "--quiet", "-b", "side", linked);
  git(linked, "commit", "--quiet", "--allow-empty", "--message=side");

  deepEqual(await workspaces.inspect(linked, "godel/x"), { repo, base: git(repo, "rev-parse", "side") });
});

test("a worktree of a bare repository stands for itself", async () => {
  const bare = join(tempFolder(), "bare.git");
  const linked = join(tempFolder(), "linked");
  git(makeRepo(), "clone", "--quiet", "--bare", ".", bare);
  git(bare, "worktree", "add", "--quiet", linked, "main");

  equal((await workspaces.inspect(linked, "godel/x")).repo, linked);
  await rejects(workspaces.inspect(bare, "godel/x"), { code: "REPO_INVALID" });
});

test("what is no repository, or has no commit, is refused", async () => {
  const folder = tempFolder();
  await rejects(workspaces.inspect(folder, "godel/x"), { code: "REPO_INVALID" });
  await rejects(workspaces.inspect(join(folder, "nowhere"), "godel/x"), { code: "REPO_INVALID" });
  await rejects(workspaces.inspect(join(makeRepo(), ".git"), "godel/x"), { code: "REPO_INVALID" });

  git(folder, "init", "--quiet");
  await rejects(workspaces.inspect(folder, "godel/x"), { code: "REPO_EMPTY" });
});

test("a branch is taken by itself, by one above it and by one below it, and by no other", async () => {
  const repo = makeRepo();
  git(repo, "branch", "godel/x");
  git(repo, "branch", "godel/y/z");

  await rejects(workspaces.inspect(repo, "godel/x"), { code: "BRANCH_EXISTS" });
  await rejects(workspaces.inspect(repo, "godel/x/deeper"), { code: "BRANCH_EXISTS" });
  await rejects(workspaces.inspect(repo, "godel/y"), { code: "BRANCH_EXISTS" });
  await workspaces.inspect(repo, "godel/x-2");
});

test("a GIT_DIR around us does not lead to another repository", async () => {
  const repo = makeRepo();
  process.env.GIT_DIR = join(makeRepo(), ".git");
  try {
    equal((await workspaces.inspect(repo, "godel/x")).repo, repo);
  } finally {
    delete process.env.GIT_DIR;
  }
});
