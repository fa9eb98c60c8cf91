import { deepEqual, equal, match } from "node:assert/strict";
import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { finish, godel, newHome, start } from "./command.testing.ts";

const goal = ["--task", "x"];
const two = ["team", "spawn", "--count", "2"];

const refused: [args: string[], message: RegExp][] = [
  [["teem"], /no command "teem"\. Did you mean "team"\?/],
  [["team", "spwan"], /no command "spwan"\. Did you mean "spawn"\?/],
  [["--bogus"], /no flag "--bogus"/],
  [["team", "spawn", "--cuont", "2"], /no flag --cuont\. Did you mean "--count"\?/],
  [["team", "spawn", ...goal], /--count is missing/],
  [[...two, "--count", "3", ...goal], /--count is given more than once/],
  [["team", "budget", "--usd", "nothing"], /--usd must be an amount in USD above 0/],
  [["team", "scale", "--count", "0"], /--count must be a whole number from 1 to 10000, got "0"/],
  ...["0", "-3", "1e9", "abc", "2.5", "10001", ""].map((count): [string[], RegExp] => [
    ["team", "spawn", "--count", count, ...goal],
    /--count must be a whole number from 1 to 10000/,
  ]),
  ...["$-1", "abc", "0", "1e3", "$", "2000000"].map((budget): [string[], RegExp] => [
    [...two, ...goal, "--budget", budget],
    /--budget must be an amount in USD above 0/,
  ]),
  [two, /give either --task TEXT or --plan FILE: neither is given/],
  [[...two, ...goal, "--plan", "p.yaml"], /both are given/],
  [[...two, "--task", " "], /--task must not be empty/],
  [[...two, ...goal, "--min", "3"], /--min 3, --count 2 and --max 2/],
  [[...two, ...goal, "--max", "1"], /--min 2, --count 2 and --max 1/],
  [[...two, ...goal, "--name", "No Good"], /--name must be 1 to 40 of \[a-z0-9-\]/],
  [[...two, ...goal, "--skills", "a,,b"], /--skills must be words/],
  [["up", "--port", "65536"], /--port must be a whole number from 0 to 65535/],
  [["task", "list", "--state", "runing"], /--state must be one of .* Did you mean "running"\?/],
  [["task", "why"], /TASK is missing/],
  [["team", "status", "a", "b"], /unexpected argument "b"/],
  [["completion", "fsh"], /no completion for "fsh"/],
];

test("wrong usage is named with what would be right, exits with 2, and starts nothing", async (t) => {
  const home = newHome(t);
  for (const [args, message] of refused) {
    const { code, out, err } = await godel(home, ...args);
    match(err, message, args.join(" "));
    deepEqual([code, out], [2, ""], args.join(" "));
  }
  deepEqual(readdirSync(home), []);
});

test("a plan file is read and checked before an engine is started", async (t) => {
  const home = newHome(t);
  const file = join(home, "plan.yaml");
  const spawnIt = () => godel(home, ...two, "--plan", file);

  match((await spawnIt()).err, /cannot read the plan .*plan\.yaml: there is no such file/);
  writeFileSync(file, "tasks: [");
  match((await spawnIt()).err, /neither YAML nor JSON/);
  writeFileSync(file, "tasks:\n  - { id: a, prompt: x, needs: [c] }\n  - { id: a, promt: x }\n");
  const { code, err } = await spawnIt();
  equal(code, 2);
  match(err, /the plan has 4 faults:\n(?: {4}- .*\n){4}/);
  deepEqual(readdirSync(home), ["plan.yaml"]);
});

test("with --json a failure is JSON on stdout, with the exit code kept", async (t) => {
  const { code, out, err } = await godel(newHome(t), ...two, "--json");
  deepEqual([code, err], [2, ""]);
  equal(JSON.parse(out).error.code, "REQUEST_INVALID");
});

test("without an engine, a command that needs one exits with 3 and says how to start it", async (t) => {
  const { code, err } = await godel(newHome(t), "team", "list");
  equal(code, 3);
  match(err, /no engine runs in .*\n {2}Start it with `godel up`/);
});

test("--help lists the commands on stdout, and makes no home", async (t) => {
  const dir = newHome(t);
  const home = join(dir, "not there");
  const { code, out, err } = await finish(start(dir, ["--help"], { GODEL_HOME: home }));
  deepEqual([code, err], [0, ""]);
  match(out, /godel team spawn\|list\|status\|scale\|budget\|answer\|pause\|resume\|kill/);
  equal(existsSync(home), false);
});

test("runs through a symbolic link, from another folder, by a name with a space in it", async (t) => {
  const home = newHome(t);
  const link = join(home, "my godel");
  symlinkSync(join(import.meta.dirname, "../../bin/godel"), link);
  const { code, out } = await finish(start(home, ["--version"], {}, link));
  equal(code, 0);
  match(out, /^\d+\.\d+\.\d+\n$/);
});

test("completion proposes commands and flags, and each shell has its script", async (t) => {
  const home = newHome(t);
  equal((await godel(home, "__complete", "te")).out, "team\n");
  match((await godel(home, "__complete", "team", "spawn", "--bu")).out, /^--budget$/m);
  for (const shell of ["bash", "zsh", "fish"]) {
    match((await godel(home, "completion", shell)).out, /godel __complete/);
  }
});
