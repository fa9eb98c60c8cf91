import { deepEqual, equal, match } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { command, engineHome, finish, godel, newHome, start } from "./command.testing.ts";

function repoIn(home: string, files: Record<string, string>): string {
  const repo = join(home, "repo");
  mkdirSync(join(repo, "src"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(repo, name), text);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd: repo });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message=x");
  return repo;
}

/** What `godel` prints on a terminal, when `replies` are typed one at each question. */
async function onTerminal(
  home: string,
  args: string[],
  replies: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const words = [command, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const child = start(
    home,
    ["--quiet", "--return", "--command", words, "/dev/null"],
    { TERM: "xterm", ...env },
    "script",
    "pipe",
  );
  let asked = 0;
  let seen = "";
  child.stdout?.on("data", (text) => {
    seen += text;
    for (; (seen.match(/\[n\]o[^\n]*: /g)?.length ?? 0) > asked; asked++)
      child.stdin?.write(`${replies[asked] ?? "n"}\n`);
  });
  await finish(child);
  return seen;
}

test("a plan over files needs no model; without a terminal it is what `team spawn --plan` reads", async (t) => {
  const home = engineHome(t);
  const names = Array.from({ length: 12 }, (_, i) => `src/f${i}.js`);
  const repo = repoIn(home, Object.fromEntries(names.map((name) => [name, "var a = 1;\n"])));
  const { code, out, err } = await godel(
    home,
    "plan",
    "Use const",
    "--files",
    "src/**",
    "--repo",
    repo,
    "--parallelism",
    "2",
    "--budget",
    "$6",
  );
  equal(code, 0, err);
  match(err, /6 tasks, planned by files for \$0\.00/);
  const plan = parse(out);
  deepEqual(plan.tasks.flatMap((task: { files: string[] }) => task.files).sort(), names.toSorted());
  deepEqual(
    plan.tasks.map((task: { budgetUsd: number }) => task.budgetUsd),
    Array(6).fill(0.7999),
  );

  const file = join(home, "plan.yaml");
  writeFileSync(file, out.replace("gates: []", 'gates: ["false"]'));
  const again = await godel(home, "plan", "--plan", file, "--repo", repo, "--mermaid");
  match(again.err, /note: the gate `false` fails before any work is done \(exit code 1\)/);
  match(again.out, /^flowchart LR\n {2}t0\["Use const: src \(2 files\)"\]/);

  const none = await godel(home, "plan", "Use const", "--files", "lib/**", "--repo", repo);
  deepEqual([none.code, none.out], [2, ""]);
  match(none.err, /no file of the commit at HEAD was chosen/);
});

test("a query chooses the files by what they hold, alone or among those that the globs chose", async (t) => {
  const home = engineHome(t);
  const repo = repoIn(home, {
    "src/a.js": "let a;\n  var b;\n",
    "src/b.js": "let variable;\n",
    "src/c.ts": "var c;\n",
  });
  const planned = async (...flags: string[]) => {
    const { out, err } = await godel(home, "plan", "Use const", "--repo", repo, "--yaml", ...flags);
    return { files: parse(out || "tasks: []").tasks.flatMap((task: { files: string[] }) => task.files), err };
  };
  deepEqual((await planned("--query", "^ *(var|with) ")).files, ["src/a.js", "src/c.ts"]);
  deepEqual((await planned("--query", "^ *var ", "--files", "**/*.ts")).files, ["src/c.ts"]);
  match((await planned("--query", "var (")).err, /--query is no regular expression of grep -E: "var \("/);
  match((await planned("--query", "goto")).err, /no file of the commit at HEAD was chosen/);
});

test("a checklist is its own plan, shown as a tree with the critical path; the demo model splits what is none", async (t) => {
  const home = engineHome(t);
  const repo = repoIn(home, { "src/a.js": "var a = 1;\n" });
  const list = "1. Write the schema\n2. Write it all:\n   - Write the routes\n   - Write the docs\n3. Test the lot";
  const { out, err } = await godel(home, "plan", list, "--repo", repo, "--tree");
  match(err, /4 tasks, planned by the checklist/);
  match(
    out,
    /write-the-schema +Write the schema\n {2}├─ write-the-routes +Write the routes\n {2}└─ write-the-docs +Write the docs\n/,
  );
  match(out, /test-the-lot +Test the lot {2}\(also needs write-the-routes\)/);

  const asked = await godel(home, "plan", "Replace every var here", "--repo", repo, "--model", "demo", "--json");
  equal(asked.code, 0, asked.out);
  deepEqual(JSON.parse(asked.out).demands, [{ quote: "Replace every var here", tasks: ["src-a"] }]);
});

test("what cannot be a goal or a way to print is refused before an engine is started", async (t) => {
  const home = newHome(t);
  const refused: [string[], RegExp][] = [
    [["plan"], /give either TEXT or --plan FILE: neither is given/],
    [["plan", "x", "--plan", "p.yaml"], /both are given/],
    [["plan", "x", "--strategy", "modle"], /--strategy must be one of auto, model.* Did you mean "model"/],
    [["plan", "x", "--yaml", "--tree"], /give one of --yaml and --tree/],
    [["plan", "x", "--parallelism", "0"], /--parallelism must be a whole number from 1/],
    [
      ["team", "spawn", "--count", "1", "--plan", "p", "--files", "x"],
      /--strategy, --files and --query split a --task/,
    ],
  ];
  for (const [args, message] of refused) {
    const { code, err } = await godel(home, ...args);
    match(err, message);
    equal(code, 2, args.join(" "));
  }
});

test("a person may edit a plan before it runs; a faulty edit is said and asked again; no is an answer", async (t) => {
  const home = engineHome(t);
  const repo = repoIn(home, { "src/a.js": "var a = 1;\n" });
  // The first edit breaks the plan, the second mends it and changes a title.
  const editor = join(home, "edit.sh");
  writeFileSync(
    editor,
    `if grep -q promt "$1"; then sed -i 's/promt/prompt/; s/Write the docs/Write all docs/' "$1"; else sed -i 's/prompt/promt/' "$1"; fi\n`,
  );
  const list = "- Write the docs\n- Write the tests";
  const planIt = ["plan", list, "--repo", repo, "--interactive", "--yaml"];
  const edited = await onTerminal(home, planIt, ["e", "y", "y"], { EDITOR: `sh '${editor}'` });
  match(edited, /Take this plan\?/);
  match(edited, /unknown field `promt`/);
  match(edited, /title: Write all docs/);

  const left = await onTerminal(
    home,
    ["team", "spawn", "--count", "1", "--task", list, "--repo", repo, "--runtime", "command", "--interactive"],
    ["n"],
  );
  match(left, /Nothing was started\./);
  deepEqual(JSON.parse((await godel(home, "team", "list", "--json")).out), { items: [] });

  const blind = await godel(home, ...planIt);
  deepEqual([blind.code, blind.out], [2, ""]);
  match(blind.err, /--interactive needs a terminal/);
});
