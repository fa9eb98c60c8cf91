import { deepEqual, equal } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { git, makeRepo, makeWorkspaces, tempFolder, write } from "./repository.testing.ts";

const workspaces = makeWorkspaces();

test("a commit is shown as it changes its files, cut to so many lines, and no program of the repository runs", async () => {
  const repo = makeRepo({ "a.txt": "one\ntwo\n" });
  const mark = join(tempFolder(), "ran");
  git(repo, "config", "diff.external", `touch ${mark}; cat`);
  git(repo, "config", "diff.evil.textconv", `touch ${mark}; cat`);
  write(repo, { "a.txt": "one\n2\n", ".gitattributes": "*.txt diff=evil\n" });
  git(repo, "add", "--all");
  git(repo, "commit", "--quiet", "--message=change");
  const commit = git(repo, "rev-parse", "HEAD");
  const { lines, total } = await workspaces.patch(repo, commit, 100);
  deepEqual(
    lines.filter((line) => /^[+-]\w/.test(line)),
    ["-two", "+2"],
  );
  equal(total, lines.length);
  equal(existsSync(mark), false);
  deepEqual(await workspaces.patch(repo, commit, 2), { commit, lines: lines.slice(0, 2), total });
  const none = { commit: null, lines: [], total: 0 };
  deepEqual(await workspaces.patch(repo, "refs/godel/none", 2), none);
  deepEqual(await workspaces.patch(repo, "--output=/dev/null", 2), none);
  git(repo, "update-ref", "refs/godel/team/task/1", commit);
  equal((await workspaces.patch(repo, "refs/godel/team/task/1", 2)).commit, commit);
});
