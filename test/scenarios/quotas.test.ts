/** Real commands that take more of the machine than an attempt may. */
import { deepEqual, equal, match } from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { scriptedModel } from "../../src/runtimes/pi/scripted-model.testing.ts";
import { offerModel } from "../scripted-provider.testing.ts";
import { Stage } from "../stage.testing.ts";

/** A team of which `greedy` does too much and `modest` works beside it, until it has been seen to end. */
async function table(context: TestContext, settings: string, greedy: string) {
  const stage = new Stage(context);
  mkdirSync(stage.home, { recursive: true });
  writeFileSync(join(stage.home, "godel.yaml"), settings);
  await stage.up();
  const done = join(stage.dir, "done");
  const tasks = [
    { id: "greedy", prompt: `echo begun > begun.txt; ${greedy}` },
    { id: "modest", prompt: `while [ ! -e '${done}' ]; do sleep 0.1; done; echo fine > fine.txt` },
  ];
  const { team } = await stage.spawn({ plan: { tasks }, count: 2, runtime: "command" });
  await stage.until("its attempt has ended", async () => {
    const [first] = (await stage.task("greedy")).attemptList;
    return first !== undefined && first.state === "failed";
  });
  const [first] = (await stage.task("greedy")).attemptList;
  equal(first?.failure?.reason, "quota");
  // What it had written is kept.
  equal(stage.git("show", `refs/godel/${team.name}/greedy/1:begun.txt`).trim(), "begun");
  writeFileSync(done, "");
  await stage.until("the other is done", async () => (await stage.task("modest")).state === "done");
  deepEqual((await stage.task("modest")).attemptList.length, 1);
  equal(existsSync(done), true);
  await stage.post(`/api/v1/teams/${team.id}/kill`);
  await stage.until("nothing of it runs", () => stage.commands().length === 0);
  return first?.failure?.detail ?? "";
}

test("a command that forks more than it may ends its attempt, which keeps its work, and no other", async (context) => {
  const forks = "for i in $(seq 30); do sleep 600 & done; setsid sleep 600 & wait";
  const detail = await table(context, "resources:\n  maxProcessesPerAttempt: 20\n", forks);
  match(detail, /^its commands were 3\d processes; resources.maxProcessesPerAttempt is 20$/);
});

test("a command that eats memory ends its attempt, which keeps its work, and no other", async (context) => {
  const eats = `node -e 'const all = Buffer.alloc(3e8, 1); setInterval(() => all.fill(2), 100)'`;
  const detail = await table(context, "resources:\n  maxMemoryPerAttempt: 200000000\n", eats);
  match(detail, /^its commands took [23]\d\d MB of memory; resources.maxMemoryPerAttempt is 200 MB$/);
});

test("a pi agent whose command writes without end ends its attempt, which keeps its work, and its temporary files go", async (context) => {
  const stage = new Stage(context);
  offerModel(stage, (await scriptedModel(context)).url);
  mkdirSync(stage.home, { recursive: true });
  writeFileSync(join(stage.home, "godel.yaml"), "resources:\n  maxDiskPerAttempt: 20000000\n");
  await stage.up({ MINE_KEY: "x" });
  const hold = join(stage.dir, "go");
  const fills = 'while :; do i=$((i + 1)); head -c 1000000 /dev/urandom > "$TMPDIR/$i"; sleep 0.02; done';
  const waits = `while [ ! -e '${hold}' ]; do sleep 0.1; done`;
  const tasks = [
    { id: "greedy", prompt: `write begun.txt begun\nbash ${fills}\nsay done` },
    { id: "modest", prompt: `write fine.txt fine\nbash ${waits}\nsay done` },
  ];
  const { team } = await stage.spawn({ plan: { tasks }, count: 2, model: "mine/scripted-1" });
  await stage.until(
    "its attempt has ended",
    async () => (await stage.task("greedy")).attemptList[0]?.state === "failed",
  );
  const [first] = (await stage.task("greedy")).attemptList;
  equal(first?.failure?.reason, "quota");
  match(first?.failure?.detail ?? "", /^it has more than 20 MB on the disk, .* that is resources.maxDiskPerAttempt$/);
  equal(stage.git("show", `refs/godel/${team.name}/greedy/1:begun.txt`).trim(), "begun");
  writeFileSync(hold, "");
  await stage.until("the other is done", async () => (await stage.task("modest")).state === "done");
  equal((await stage.task("modest")).attemptList.length, 1);
  await stage.post(`/api/v1/teams/${team.id}/kill`);
  await stage.until("nothing of it runs", () => stage.commands().length === 0);
  await stage.until("its temporary files are gone", () => readdirSync(join(stage.home, "scratch")).length === 0);
});
