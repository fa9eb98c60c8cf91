import { deepEqual, equal, match } from "node:assert/strict";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { assert } from "../../lib/assert.ts";
import { sessionsOf } from "../index.ts";
import type { RuntimeEvent } from "../runtime.ts";
import { folder, numberIn, workOn } from "../testkit.testing.ts";
import { piRuntime } from "./pi-runtime.ts";
import { contentOf, scriptedModel, scriptedTarget } from "./scripted-model.testing.ts";

async function startAgent(t: TestContext) {
  const runtime = await piRuntime({ retryDelayMs: 0 });
  const events: RuntimeEvent[] = [];
  const agent = await runtime.start({ id: "a", skills: [], model: scriptedTarget, home: folder(t) }, (event) =>
    events.push(event),
  );
  t.after(async () => {
    await agent.stop();
    await runtime.close();
  });
  return { agent, session: () => events.find((event) => event.type === "session") };
}

/** What the disk holds of a session in this moment: what it would hold after a `kill -9`. */
async function asIfKilled(t: TestContext, transcriptDir: string): Promise<string> {
  const dir = folder(t);
  for (const name of await readdir(transcriptDir)) await copyFile(join(transcriptDir, name), join(dir, name));
  return dir;
}

test("an agent goes on in the session of one that was killed in a command, and pays for nothing twice", async (t) => {
  const model = await scriptedModel(t);
  const script =
    "write a.txt hello\nbash [ -e started ] || { echo $$ > started; sleep 1000; }\nbash cat a.txt\nsay I did it";
  const work = workOn(t, script, model.url);
  const first = await startAgent(t);
  const lost = first.agent.prompt(work);
  await numberIn(join(work.cwd, "started"));
  const disk = await asIfKilled(t, work.transcriptDir);
  await first.agent.abort();
  await lost;
  const asked = model.requests.length;

  const session = await sessionsOf("pi")?.(disk);
  assert(session && !("refused" in session), "there is a session");
  equal(session.usage.requests, 2);
  const transcriptDir = folder(t);
  const copy = await session.copyTo(transcriptDir);
  assert("file" in copy, "it was copied");
  const { file } = copy;
  const second = await startAgent(t);
  const settled = await second.agent.prompt({ ...work, transcriptDir, session: file, prompt: "You were interrupted." });

  equal(settled.ok && settled.summary, "I did it");
  equal(settled.usage.requests, 2, "only what was left to do was asked for");
  deepEqual([second.agent.sessionId, second.session()?.transcript], [first.agent.sessionId, file]);
  const [before, after] = [model.requests[asked - 1] ?? [], model.requests[asked] ?? []];
  deepEqual(after.slice(0, before.length), before, "what was said before is said again, to the letter, for the cache");
  const said = after.slice(before.length);
  deepEqual(
    said.map(({ role }) => role),
    ["assistant", "tool", "user"],
  );
  match(contentOf(said[1]), /^Interrupted/);
  equal(contentOf(said[2]), "You were interrupted.");
});

test("a session is on disk before its first answer, and goes on from there", async (t) => {
  const answer = Promise.withResolvers<void>();
  const model = await scriptedModel(t, answer.promise);
  const work = workOn(t, "say done", model.url);
  const first = await startAgent(t);
  const lost = first.agent.prompt(work);
  await model.requested(1);
  const session = await sessionsOf("pi")?.(await asIfKilled(t, work.transcriptDir));
  answer.resolve();
  await lost;
  assert(session && !("refused" in session), "there is a session");
  deepEqual([session.usage.requests, session.finished], [0, null]);
  const copy = await session.copyTo(folder(t));
  assert("file" in copy, "it was copied");
  const second = await startAgent(t);
  const settled = await second.agent.prompt({ ...work, session: copy.file, prompt: "You were interrupted." });
  equal(settled.ok && settled.summary, "done");
});
