import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Workspace } from "./index.ts";
import { type Fleet, git, makeFleet, makeRepo, write } from "./repository.testing.ts";

const message = { subject: "Work", body: "Why." };

async function commitOf(
  fleet: Fleet,
  change: (dir: string) => void,
): Promise<{ workspace: Workspace; commit: string }> {
  const workspace = await fleet.open("task");
  change(workspace.dir);
  const { commit } = await fleet.workspaces.commit(workspace, message);
  ok(commit);
  return { workspace, commit };
}

const filesOf = (repo: string, commit: string) => git(repo, "ls-tree", "-r", "--name-only", commit).split("\n");

test("a worktree stands detached at the tip of the team's branch, clean, and is the same when opened again", async () => {
  const fleet = await makeFleet(makeRepo());

  const [first, second] = await Promise.all([fleet.open("task"), fleet.open("task")]);

  deepEqual(first, second);
  equal(git(first.dir, "status", "--porcelain"), "");
  equal(git(first.dir, "rev-parse", "HEAD"), git(fleet.repo, "rev-parse", "godel/alpha"));
  equal(git(first.dir, "rev-parse", "--abbrev-ref", "HEAD"), "HEAD");
  git(fleet.repo, "worktree", "prune", "--expire=now");
  git(first.dir, "fsck", "--strict");
});

test("everything in the tree becomes one commit on the base, kept under the attempt's ref", async () => {
  const repo = makeRepo({ "keep.txt": "k", "gone.txt": "g", "swap/x": "", link: "", ".gitignore": "*.log\n" });
  const fleet = await makeFleet(repo);
  const { workspace, commit } = await commitOf(fleet, (dir) => {
    write(dir, { "new/ü 'x'.txt": "n", "debug.log": "noise", "run.sh": "#!/bin/sh\n" });
    chmodSync(join(dir, "run.sh"), 0o755);
    rmSync(join(dir, "gone.txt"));
    rmSync(join(dir, "swap"), { recursive: true });
    write(dir, { swap: "a file now" });
    rmSync(join(dir, "link"));
    symlinkSync("keep.txt", join(dir, "link"));
  });

  equal(git(repo, "rev-parse", "refs/godel/alpha/task/1"), commit);
  equal(git(repo, "rev-parse", `${commit}^`), workspace.base);
  equal(git(repo, "log", "-1", "--format=%an %ae %cn %B", commit), "godel godel@localhost godel Work\n\nWhy.");
  const modes = git(repo, "-c", "core.quotePath=false", "ls-tree", "-r", "--format=%(objectmode) %(path)", commit);
  deepEqual(modes.split("\n"), [
    "100644 .gitignore",
    "100644 keep.txt",
    "120000 link",
    "100644 new/ü 'x'.txt",
    "100755 run.sh",
    "100644 swap",
  ]);
});

test("the count is of files that differ from the base, and nothing different is no commit", async () => {
  const fleet = await makeFleet(makeRepo({ "a.txt": "a", "b.txt": "b" }));
  const workspace = await fleet.open("task");
  deepEqual(await fleet.workspaces.commit(workspace, message), { commit: null, files: 0 });

  write(workspace.dir, { "a.txt": "A", "c.txt": "c" });
  equal((await fleet.workspaces.commit(workspace, message)).files, 2);
});

test("committing again answers the same commit while nothing changed, and one commit on the base after that", async () => {
  const fleet = await makeFleet(makeRepo());
  const { workspace, commit } = await commitOf(fleet, (dir) => write(dir, { "a.txt": "two" }));
  equal((await fleet.workspaces.commit(workspace, { subject: "other", body: "" })).commit, commit);

  write(workspace.dir, { "b.txt": "more" });
  const { commit: second } = await fleet.workspaces.commit(workspace, message);
  notEqual(second, commit);
  equal(git(fleet.repo, "rev-parse", `${second}^`), workspace.base);
});

test("what the agent committed and what it did not are one commit on the base", async () => {
  const fleet = await makeFleet(makeRepo({ "a.txt": "a", "b.txt": "b", "c.txt": "c" }));
  const { workspace, commit } = await commitOf(fleet, (dir) => {
    write(dir, { "a.txt": "A", "b.txt": "B" });
    git(dir, "rm", "--quiet", "c.txt");
    git(dir, "commit", "--quiet", "--all", "--message=mine");
    write(dir, { "b.txt": "BB", "d.txt": "d" });
  });

  equal(git(fleet.repo, "rev-parse", `${commit}^`), workspace.base);
  deepEqual(filesOf(fleet.repo, commit), ["a.txt", "b.txt", "d.txt"]);
  equal(git(fleet.repo, "show", `${commit}:a.txt`) + git(fleet.repo, "show", `${commit}:b.txt`), "ABB");
});

test("the agent's own commits, branches and half a merge are squashed into the one", async () => {
  const fleet = await makeFleet(makeRepo());
  const { workspace, commit } = await commitOf(fleet, (dir) => {
    git(dir, "checkout", "--quiet", "-b", "mine");
    write(dir, { "a.txt": "mine\n", "committed.txt": "c" });
    git(dir, "add", "--all");
    git(dir, "commit", "--quiet", "--message=mine");
    git(dir, "checkout", "--quiet", "-b", "theirs", "HEAD~");
    write(dir, { "a.txt": "theirs\n" });
    git(dir, "commit", "--quiet", "--all", "--message=theirs");
    try {
      git(dir, "merge", "mine");
    } catch {
      write(dir, { "late.txt": "l" });
    }
  });

  equal(git(fleet.repo, "rev-parse", `${commit}^`), workspace.base);
  deepEqual(filesOf(fleet.repo, commit), ["a.txt", "committed.txt", "late.txt"]);
});

test("an ignored file that the agent added counts, and one that it took out of git does not", async () => {
  const repo = makeRepo({ ".gitignore": "dist/\n", "secret.env": "s" });
  const fleet = await makeFleet(repo);
  const { commit } = await commitOf(fleet, (dir) => {
    write(dir, { "dist/wanted.js": "w", "dist/other.js": "o", ".gitignore": "dist/\n*.env\n" });
    git(dir, "add", "--force", "dist/wanted.js");
    git(dir, "rm", "--quiet", "--cached", "secret.env");
  });

  deepEqual(filesOf(repo, commit), [".gitignore", "dist/wanted.js"]);
});

test("flags, a stale lock and a broken index of the agent hide no change", async () => {
  const fleet = await makeFleet(makeRepo({ "a.txt": "a", "b.txt": "b" }));
  const { workspace, commit } = await commitOf(fleet, (dir) => {
    git(dir, "update-index", "--assume-unchanged", "a.txt");
    git(dir, "update-index", "--skip-worktree", "b.txt");
    write(dir, { "a.txt": "A", "b.txt": "B" });
    writeFileSync(join(git(dir, "rev-parse", "--git-dir"), "index.lock"), "");
  });
  equal(git(fleet.repo, "show", `${commit}:a.txt`) + git(fleet.repo, "show", `${commit}:b.txt`), "AB");

  writeFileSync(join(git(workspace.dir, "rev-parse", "--git-dir"), "index"), "rubbish");
  write(workspace.dir, { "c.txt": "c" });
  equal((await fleet.workspaces.commit(workspace, message)).files, 3);
});

test("repositories that the agent made inside lose their history and none of their files", async () => {
  const fleet = await makeFleet(makeRepo());
  const { commit } = await commitOf(fleet, (dir) => {
    for (const name of ["empty", "full", "full/inner"]) {
      mkdirSync(join(dir, name), { recursive: true });
      git(join(dir, name), "init", "--quiet");
      write(join(dir, name), { "file.txt": name });
    }
    git(join(dir, "full"), "add", "file.txt");
    git(join(dir, "full"), "commit", "--quiet", "--message=nested");
    write(join(dir, "full"), { "loose.txt": "" });
  });

  const files = ["a.txt", "empty/file.txt", "full/file.txt", "full/inner/file.txt", "full/loose.txt"];
  deepEqual(filesOf(fleet.repo, commit), files);
});

test("a submodule that the repository declares stays a submodule", async () => {
  const library = makeRepo();
  const repo = makeRepo();
  git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "lib");
  git(repo, "commit", "--quiet", "--message=submodule");
  const fleet = await makeFleet(repo);

  const { commit } = await commitOf(fleet, (dir) => {
    write(dir, { "b.txt": "b" });
    git(dir, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "second");
  });

  match(git(repo, "ls-tree", commit, "lib", "second"), /160000 commit .*\tlib\n160000 commit .*\tsecond/);
});

for (const [what, breakIt] of Object.entries<(dir: string) => void>({
  "deleted its .git file": (dir) => rmSync(join(dir, ".git")),
  "pointed its .git file elsewhere": (dir) => writeFileSync(join(dir, ".git"), "gitdir: /nowhere\n"),
  "began a repository of its own": (dir) => {
    rmSync(join(dir, ".git"));
    git(dir, "init", "--quiet");
    git(dir, "add", "--all");
    git(dir, "commit", "--quiet", "--message=own");
  },
})) {
  test(`an agent that ${what} loses nothing, and git works there again`, async () => {
    const fleet = await makeFleet(makeRepo());
    const { workspace, commit } = await commitOf(fleet, (dir) => {
      write(dir, { "b.txt": "b" });
      breakIt(dir);
    });

    deepEqual(filesOf(fleet.repo, commit), ["a.txt", "b.txt"]);
    equal(git(workspace.dir, "rev-parse", "HEAD"), workspace.base);
  });
}

test("names that are not UTF-8 are kept byte by byte", async () => {
  const fleet = await makeFleet(makeRepo());
  const { commit } = await commitOf(fleet, (dir) => {
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.of(0xff, 0xfe)]), "odd");
    mkdirSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.of(0xfd)]));
    execFileSync("sh", ["-c", 'cd "$(printf "\\375")" && git init -q && echo x > y'], { cwd: dir });
  });

  deepEqual(filesOf(fleet.repo, commit), ["a.txt", '"\\375/y"', '"\\377\\376"']);
});

test("the user's checkout, index, branch, hooks, identity and signing are left alone", async () => {
  const repo = makeRepo();
  const hook = join(repo, ".git/hooks/post-checkout");
  for (const name of ["post-checkout", "pre-commit", "commit-msg", "post-commit", "reference-transaction"]) {
    write(repo, { [`.git/hooks/${name}`]: `#!/bin/sh\ntouch '${hook.replace("'", "'\\''")}.ran'\nexit 1\n` });
    chmodSync(join(repo, ".git/hooks", name), 0o755);
  }
  git(repo, "config", "user.name", "");
  git(repo, "config", "user.useConfigOnly", "true");
  git(repo, "config", "commit.gpgsign", "true");
  write(repo, { "a.txt": "dirty", "staged.txt": "" });
  git(repo, "add", "staged.txt");
  const before = [
    git(repo, "status", "--porcelain"),
    git(repo, "rev-parse", "HEAD"),
    readFileSync(join(repo, ".git/index")),
  ];

  const fleet = await makeFleet(repo);
  const { workspace, commit } = await commitOf(fleet, (dir) => write(dir, { "a.txt": "done" }));
  await fleet.merge("task", commit);
  await fleet.workspaces.release(workspace.attempt);

  deepEqual(
    [git(repo, "status", "--porcelain"), git(repo, "rev-parse", "HEAD"), readFileSync(join(repo, ".git/index"))],
    before,
  );
  equal(existsSync(`${hook}.ran`), false);
  equal(git(repo, "log", "-1", "--format=%an %cn", "godel/alpha"), "godel godel");
});

test("filters of the repository run, and one that fails is said", async () => {
  const repo = makeRepo({ ".gitattributes": "*.up filter=up\n*.lfs filter=lfs diff=lfs\n", "x.lfs": "pointer" });
  git(repo, "config", "filter.up.clean", "tr a-z A-Z");
  git(repo, "config", "filter.up.smudge", "tr A-Z a-z");
  const fleet = await makeFleet(repo);
  const { workspace, commit } = await commitOf(fleet, (dir) => write(dir, { "f.up": "loud" }));
  equal(git(repo, "show", `${commit}:f.up`), "LOUD");

  git(repo, "config", "filter.up.required", "true");
  git(repo, "config", "filter.up.clean", "false");
  write(workspace.dir, { "f.up": "other" });
  await rejects(fleet.workspaces.commit(workspace, message), { code: "GIT_FAILED", message: /clean filter/ });
});

test("a worktree that is gone, or has become a link to elsewhere, is said and not committed", async () => {
  const fleet = await makeFleet(makeRepo());
  const workspace = await fleet.open("task");
  rmSync(workspace.dir, { recursive: true });
  await rejects(fleet.workspaces.commit(workspace, message), { code: "GIT_FAILED", message: /gone/ });

  symlinkSync("/etc", workspace.dir);
  await rejects(fleet.workspaces.commit(workspace, message), { code: "GIT_FAILED", message: /gone/ });
  ok(existsSync("/etc/passwd"));
});

test("work at the same ref from an earlier team of that name is kept beside it", async () => {
  const repo = makeRepo();
  git(repo, "update-ref", "refs/godel/alpha/task/1", "HEAD");
  const old = git(repo, "rev-parse", "HEAD");
  const { commit } = await commitOf(await makeFleet(repo), (dir) => write(dir, { "b.txt": "" }));

  equal(git(repo, "rev-parse", "refs/godel/alpha/task/1"), commit);
  equal(git(repo, "rev-parse", `refs/godel/alpha/task/1-${old.slice(0, 12)}`), old);
});
