import { equal, match, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { listProcesses } from "../../lib/processes.ts";
import { runtimeContract } from "../contract.ts";
import { eventually, folder, numberIn, workOn } from "../testkit.testing.ts";
import { commandRuntime } from "./command-runtime.ts";

runtimeContract("command", {
  open: async () => commandRuntime(),
  model: null,
  modelUrl: async () => null,
  running: (command) => command,
  failing: { prompt: "exit 3", reason: "agent-error" },
});

async function start(home: string) {
  return commandRuntime().start({ id: "one", skills: [], model: null, home }, () => {});
}

test("a command that fails tells its code and the end of its output", async (t) => {
  const agent = await start(folder(t));
  const settled = await agent.prompt(workOn(t, "echo before; echo broken >&2; exit 3", null));
  ok(!settled.ok);
  match(settled.failure.detail, /broken\nthe command exited with 3$/m);
});

test("output beyond 10 MB is left out of the transcript, which says so", async (t) => {
  const agent = await start(folder(t));
  const todo = workOn(t, "head -c 10485770 /dev/zero | tr '\\0' x; echo; echo end", null);
  const settled = await agent.prompt(todo);
  equal(settled.ok && settled.summary, "end");
  const transcript = await readFile(join(todo.transcriptDir, "output.log"), "utf8");
  match(transcript.slice(-100), /\[godel: 15 more bytes of output were left out\]\n$/);
});

test("pause stops a command where it is, and resume lets it go on", async (t) => {
  const agent = await start(folder(t));
  const todo = workOn(t, "echo $$ > shell.pid; while [ ! -e go ]; do :; done; echo went", null);
  const prompt = agent.prompt(todo);
  const pid = await numberIn(join(todo.cwd, "shell.pid"));
  await agent.pause();
  await eventually("the shell is stopped", async () => (await stateOf(pid)) === "T");
  await agent.resume();
  await eventually("the shell runs", async () => (await stateOf(pid)) !== "T");
  await agent.abort();
  ok(!(await prompt).ok);
  equal(
    (await listProcesses()).some((info) => info.pid === pid),
    false,
  );
});

async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[0];
}
