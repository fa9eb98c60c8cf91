import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import type { RepoMap } from "../../model/repo-map.ts";
import { git, makeRepo, makeWorkspaces, tempFolder, write } from "../repository.testing.ts";
import { mapInThread } from "./repo-maps.ts";

const root = join(tempFolder(), "work");
const workspaces = makeWorkspaces(root);
after(() => workspaces.close());

const everything = { globs: [], max: 1_000 };

/** In two pieces, so that it is no import of this file to those who look for them. */
const from = (path: string) => ["from", JSON.stringify(path)].join(" ");

/** What each file imports, by path. */
function edgesOf(map: RepoMap): Record<string, string[]> {
  const named = map.files.map(({ path, imports }) => [path, imports.map((i) => map.files[i]?.path ?? "?")] as const);
  return Object.fromEntries(named.filter(([, imports]) => imports.length > 0));
}

async function edges(files: Record<string, string>): Promise<Record<string, string[]>> {
  return edgesOf(await workspaces.map(makeRepo(files), everything));
}

test("JavaScript and TypeScript: relative, extensionless, folders, made names, dynamic, and packages of the repository", async () => {
  deepEqual(
    await edges({
      "package.json": '{"name":"top"}',
      "packages/ui/package.json": '{"name":"@x/ui"}',
      "packages/ui/src/index.ts": "",
      "a.ts": `import x ${from("./b.js")};\nexport * ${from("./lib")};\nconst y = require('./c');\nimport x ${from("node:fs")};`,
      "b.ts": `import z ${from("../outside.js")}; import ui ${from("@x/ui")};`,
      "c.json": "{}",
      "lib/index.js": `const a = await ${"import"}("../a.ts")`,
    }),
    {
      "a.ts": ["b.ts", "c.json", "lib/index.js"],
      "b.ts": ["packages/ui/src/index.ts"],
      "lib/index.js": ["a.ts"],
    },
  );
});

test("Python: absolute, relative, of a package and of names in it", async () => {
  deepEqual(
    await edges({
      "app/__init__.py": "",
      "app/main.py": "import app.db\nfrom .models import (User,\n  Team)\nfrom . import views\nimport os",
      "app/db.py": "",
      "app/models/__init__.py": "from ..db import connect",
      "app/models/Team.py": "",
      "app/views.py": "",
    }),
    {
      "app/main.py": ["app/__init__.py", "app/db.py", "app/models/Team.py", "app/models/__init__.py", "app/views.py"],
      "app/models/__init__.py": ["app/db.py"],
    },
  );
});

test("Go, Rust, Java, C and Ruby: by module path, crate, class, include and require", async () => {
  deepEqual(
    await edges({
      "go.mod": "module example.com/x\n",
      "main.go":
        'package main\nimport (\n  "fmt"\n  db "example.com/x/db"\n)\nfunc main() { fmt.Println("example.com/x/no") }',
      "db/db.go": "package db",
      "src/lib.rs": "mod parse;\n",
      "src/parse.rs": "use crate::util::text::trim;\n",
      "src/util/text.rs": "",
      "java/src/org/x/A.java": "import org.x.inner.B;\nimport java.util.List;",
      "java/src/org/x/inner/B.java": "",
      "c/main.c": '#include "util.h"\n#include <stdio.h>\n#include "inc/deep.h"',
      "c/util.h": "",
      "include/inc/deep.h": "",
      "lib/a.rb": "require_relative 'b'\nrequire 'json'",
      "lib/b.rb": "",
    }),
    {
      "c/main.c": ["c/util.h", "include/inc/deep.h"],
      "java/src/org/x/A.java": ["java/src/org/x/inner/B.java"],
      "lib/a.rb": ["lib/b.rb"],
      "main.go": ["db/db.go"],
      "src/lib.rs": ["src/parse.rs"],
      "src/parse.rs": ["src/util/text.rs"],
    },
  );
});

test("build files tell packages, entry points and how tests run; a placeholder is no test", async () => {
  const repo = makeRepo({
    "package.json": '{"name":"top","main":"./index.js","bin":{"x":"bin/x"},"scripts":{"test":"node --test"}}',
    "pnpm-lock.yaml": "",
    "index.js": "",
    "inner/package.json": '{"name":"inner","scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}',
    Makefile: "build:\n\ttrue\ntest: build\n\ttrue\ncheck := no\n",
    "Cargo.toml": '[dependencies]\nname = "wrong"\n[package]\nname = "crate-x"\n',
    "broken/package.json": "{",
  });
  const { packages, testCommands, entryPoints } = await workspaces.map(repo, everything);
  deepEqual(testCommands.toSorted(), ["cargo test", "make test", "pnpm test"]);
  deepEqual(entryPoints, ["index.js"]);
  deepEqual(packages.map(({ name, dir }) => `${name}:${dir}`).toSorted(), ["crate-x:", "inner:inner", "top:"]);
});

test("links that go in circles, submodules, binaries and names that are not UTF-8 are left out or read as nothing", async () => {
  const repo = makeRepo({ "a.js": "", "binary.js": Buffer.from([0, 1, 2, 3]) });
  symlinkSync(".", join(repo, "loop"));
  writeFileSync(Buffer.concat([Buffer.from(`${repo}/`), Buffer.from([0xff, 0xfe])]), "x");
  const inner = makeRepo();
  git(repo, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", inner, "sub");
  git(repo, "add", "--all");
  git(repo, "commit", "--quiet", "--message=odd");

  const map = await workspaces.map(repo, everything);
  deepEqual(map.leftOut, { symlinks: 1, submodules: 1, unreadableNames: 1 });
  deepEqual(
    map.files.map(({ path }) => path),
    [".gitmodules", "a.js", "binary.js"],
  );
});

test("files that changed together more than once are tied, and large commits tie nothing", async () => {
  const repo = makeRepo(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}.txt`, "0"])));
  const change = (text: string, ...names: string[]) => {
    write(repo, Object.fromEntries(names.map((name) => [name, text])));
    git(repo, "commit", "--quiet", "--all", "--message=change");
  };
  change("1", "f1.txt", "f2.txt");
  change("2", "f1.txt", "f2.txt");
  change("3", "f2.txt", "f3.txt");
  const { files, changeTogether } = await workspaces.map(repo, everything);
  deepEqual(
    changeTogether.map(([one, other, count]) => [files[one]?.path, files[other]?.path, count]),
    [["f1.txt", "f2.txt", 2]],
  );
});

test("globs choose files, `!` takes some out again, and edges are those among the chosen", async () => {
  const repo = makeRepo({
    "src/a.ts": `import b ${from("./b.ts")}; import c ${from("../c.ts")}`,
    "src/b.ts": "",
    "c.ts": "",
    "src/a.test.ts": "",
  });
  const map = await workspaces.map(repo, { globs: ["src/**", "!**/*.test.ts"], max: 1_000 });
  deepEqual(edgesOf(map), { "src/a.ts": ["src/b.ts"] });
  equal(map.total, 4);
  const first = await workspaces.map(repo, { globs: ["src/**"], max: 1 });
  equal(first.matched, 3);
  deepEqual(
    first.files.map(({ path }) => path),
    ["src/a.test.ts"],
  );
});

test("the work tree does not count, and a map whose copy was damaged is made again", async () => {
  const repo = makeRepo({ "a.js": "" });
  const before = await workspaces.map(repo, everything);
  write(repo, { "untracked.js": "", "a.js": `import u ${from("./untracked.js")}` });
  mkdirSync(join(repo, "empty"));
  for (const name of readdirSync(join(root, "maps"))) writeFileSync(join(root, "maps", name), "{");
  deepEqual(await workspaces.map(repo, everything), before);
});

test("what is no repository is refused with its name", async () => {
  await rejects(workspaces.map(tempFolder(), everything), (error: { code: string; message: string }) => {
    match(error.message, /godel it's/);
    return error.code === "REPO_INVALID";
  });
});

test("a repository whose map takes too much memory is refused, and nothing else is hurt", async () => {
  const repo = makeRepo({ "a.js": "" });
  const blob = git(repo, "hash-object", "a.js");
  const entries = Array.from({ length: 60_000 }, (_, i) => `100644 ${blob}\tfolder/file-${i}.js\n`);
  execFileSync("git", ["update-index", "--index-info"], { cwd: repo, input: entries.join("") });
  const job = {
    gitDir: join(repo, ".git"),
    head: git(repo, "write-tree"),
    cacheDir: join(root, "maps"),
    selection: everything,
  };
  const little = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
  await rejects(mapInThread(job, little), { code: "REPO_TOO_LARGE", message: /more than 16 MiB/ });
});
