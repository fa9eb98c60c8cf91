/** Stands in for a node in tests: starts agents, has one run a command, prints the pids of all, and waits. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { numberIn } from "../runtimes/testkit.testing.ts";
import { HostPool } from "./host-pool.ts";

const [folder = ""] = process.argv.slice(2);
const pool = new HostPool(
  { onEvent() {}, onHostLost() {}, onAgentLost() {}, onHostHung() {} },
  { cacheDir: join(folder, "cache"), maxAgentsPerHost: 1 },
);
const specs = ["one", "two"].map((id) => ({ id, skills: [], model: null, home: folder }));
const [agent] = await Promise.all(pool.start(specs.map((spec) => ({ spec, runtime: "command" }))));
const cwd = join(folder, "tree");
mkdirSync(cwd);
void agent?.prompt({
  attempt: `fixture${process.pid}/task/1`,
  cwd,
  prompt: "echo $$ > shell.pid; sleep 1000",
  modelUrl: null,
  env: {},
  transcriptDir: folder,
});
const command = await numberIn(join(cwd, "shell.pid"));
console.log(JSON.stringify([...pool.hostStats().map((host) => host.pid), command]));
