import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import type { ChatMessage } from "../model/link.ts";
import { TaskDecomposer } from "./task-decomposer.ts";

const good = JSON.stringify({
  tasks: [
    { id: "a", prompt: "x" },
    { id: "b", prompt: "y", needs: ["a"] },
  ],
});
const cyclic = JSON.stringify({ tasks: [{ id: "a", prompt: "x", needs: ["a"] }] });

function answering(...answers: string[]) {
  const asked: ChatMessage[][] = [];
  const ask = async (messages: readonly ChatMessage[]) => {
    asked.push([...messages]);
    return answers[asked.length - 1] ?? "";
  };
  return { asked, decomposer: new TaskDecomposer({ ask }) };
}

test("takes a plan wrapped in prose and a code fence", async () => {
  const { decomposer } = answering(`Here you are:\n\`\`\`json\n${good}\n\`\`\``);
  const plan = await decomposer.decompose({ task: "Do it", parallelism: 2 });
  deepEqual(
    plan.tasks.map(({ id }) => id),
    ["a", "b"],
  );
  equal(plan.goal, "Do it");
});

test("sends a faulty plan back once, with its faults", async () => {
  const { asked, decomposer } = answering(cyclic, good);
  await decomposer.decompose({ task: "Do it", parallelism: 2 });
  equal(asked.length, 2);
  match(asked[1]?.at(-1)?.text ?? "", /cycle: a needs a/);
});

test("gives up after the second faulty answer and says what is wrong with it", async () => {
  const { decomposer } = answering("no idea", cyclic, good);
  await rejects(decomposer.decompose({ task: "Do it", parallelism: 2 }), { code: "PLAN_REFUSED", message: /cycle/ });
});

test("tells the planner of files, up to a bound that it names", async () => {
  const { asked, decomposer } = answering(good);
  const files = Array.from({ length: 2_001 }, (_, i) => `f${i}.js`);
  await decomposer.decompose({ task: "Do it", parallelism: 2, files });
  const text = asked[0]?.[1]?.text ?? "";
  match(text, /f1999\.js\n\(and 1 more\)$/);
});
