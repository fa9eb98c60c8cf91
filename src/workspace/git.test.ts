import { equal, ok, rejects } from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../lib/clock.ts";
import { findMarked } from "../lib/process-tree.ts";
import { Git } from "./git.ts";
import { git, makeFleet, makeRepo, tempFolder, write } from "./repository.testing.ts";

const makeGit = (timeoutMs = 60_000) => new Git(systemClock, { processes: 4, timeoutMs });

test("what git says when it fails is passed on", async () => {
  await rejects(makeGit().run(["rev-parse", "nonsense"], { cwd: makeRepo() }), {
    code: "GIT_FAILED",
    message: /^git rev-parse: .*unknown revision/s,
  });
});

test("an exit code that is an answer is answered, and no other is", async () => {
  const run = (answers: number[]) =>
    makeGit().run(["diff", "--no-index", "/dev/null", "/etc/passwd"], { cwd: "/", answers });

  equal((await run([0, 1])).code, 1);
  await rejects(run([0]), { code: "GIT_FAILED", message: /exited with 1/ });
});

test("a git that hangs is killed with the filter that it waits for", async () => {
  const repo = makeRepo({ ".gitattributes": "*.x filter=hang\n" });
  git(repo, "config", "filter.hang.clean", "sleep 600");
  write(repo, { "a.x": "" });
  const run = makeGit(200).run(["add", "--all"], { cwd: repo, env: { GODEL_TEST_HANG: "1" } });

  await rejects(run, { code: "GIT_FAILED", message: /took longer than 200 ms/ });
  equal((await findMarked("GODEL_TEST_HANG=1")).length, 0);
});

test("a full disk is told from other failures", async () => {
  const bin = tempFolder();
  write(bin, { git: "#!/bin/sh\necho 'fatal: sha1 file write error: No space left on device' >&2\nexit 128\n" });
  chmodSync(join(bin, "git"), 0o755);
  const add = (path: string) => makeGit().run(["add"], { cwd: "/", env: { PATH: path } });

  await rejects(add(bin), { code: "DISK_FULL" });
  await rejects(add("/nowhere"), { code: "GIT_FAILED", message: /ENOENT/ });
});

test("no more processes run at once than allowed", async () => {
  const dir = tempFolder();
  const bin = join(dir, "bin");
  write(bin, { git: `#!/bin/sh\ncd '${dir.replace("'", "'\\''")}' && mkdir busy && rmdir busy\n` });
  chmodSync(join(bin, "git"), 0o755);
  const alone = new Git(systemClock, { processes: 1, timeoutMs: 60_000 });

  await Promise.all(
    Array.from({ length: 8 }, () => alone.run(["x"], { cwd: "/", env: { PATH: `${bin}:${process.env.PATH}` } })),
  );
});

test("a checkout that fails leaves nothing behind, and works once its cause is gone", async () => {
  const repo = makeRepo({ "a.x": "", ".gitattributes": "*.x filter=bad\n" });
  git(repo, "config", "filter.bad.smudge", "false");
  git(repo, "config", "filter.bad.required", "true");
  const fleet = await makeFleet(repo);
  await rejects(fleet.open("task"), { code: "GIT_FAILED" });
  for (const folder of ["trees", "records"]) equal(readdirSync(join(fleet.root, folder)).length, 0);

  git(repo, "config", "--unset", "filter.bad.required");
  ok(await fleet.open("task"));
});

test("a lock that a killed agent left on its index is broken when the worktree is taken up again", async () => {
  const fleet = await makeFleet(makeRepo());
  const { dir } = await fleet.open("task");
  const lock = join(git(dir, "rev-parse", "--git-dir"), "index.lock");
  writeFileSync(lock, "");
  utimesSync(lock, 1, 1);

  await (await makeFleet(fleet.repo, { root: fleet.root })).open("task");

  git(dir, "add", "--all");
});

for (const [what, make] of Object.entries<() => string>({
  "a worktree of a bare repository": () => {
    const [bare, linked] = [join(tempFolder(), "bare.git"), join(tempFolder(), "linked")];
    git(makeRepo(), "clone", "--quiet", "--bare", ".", bare);
    git(bare, "worktree", "add", "--quiet", linked, "main");
    return linked;
  },
  "a submodule": () => {
    const outer = makeRepo();
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "-b", "main", makeRepo(), "lib");
    return join(outer, "lib");
  },
  "a repository with SHA-256": () => {
    const repo = join(tempFolder(), "repo");
    mkdirSync(repo);
    git(repo, "init", "--quiet", "--initial-branch=main", "--object-format=sha256");
    git(repo, "commit", "--quiet", "--allow-empty", "--message=base");
    return repo;
  },
  "a sparse checkout with a split index": () => {
    const repo = makeRepo({ "in/a": "", "out/b": "" });
    git(repo, "config", "core.splitIndex", "true");
    git(repo, "sparse-checkout", "set", "in");
    return repo;
  },
})) {
  test(`work is kept and merged in ${what}`, async () => {
    const repo = make();
    const fleet = await makeFleet(repo);
    const { workspace, commit } = await fleet.work("task", { "new.txt": "n" });
    equal(git(workspace.dir, "status", "--porcelain"), "?? new.txt");
    equal((await fleet.workspaces.commit(workspace, { subject: "x", body: "" })).files, 1);
    await fleet.merge("task", commit);
    await fleet.workspaces.release(workspace.attempt);

    equal(git(repo, "diff", "--name-only", "main", "godel/alpha"), "new.txt");
    equal(git(repo, "status", "--porcelain"), "");
  });
}
