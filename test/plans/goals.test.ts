/** Ten goals with what any plan for them must hold: see goals/README.md. */
import { equal, match, ok } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { mapOf } from "../../src/federation/decomposing/repo-map.testing.ts";
import { type PlanStrategy, TaskDecomposer } from "../../src/federation/task-decomposer.ts";
import type { ChatMessage } from "../../src/model/chat.ts";
import type { Plan, PlanTask } from "../../src/model/plan.ts";

interface GoalCase {
  goal: string;
  parallelism: number;
  strategy?: PlanStrategy;
  skills?: string[];
  files: string[];
  covers: string[];
  before: [string, string][];
  startable: number;
  good: object;
  bad: { says: string; answer: object | string }[];
}

const files = globSync(join(import.meta.dirname, "goals/*.yaml")).toSorted();

for (const file of files) {
  const given: GoalCase = parse(readFileSync(file, "utf8"));
  test(`${basename(file, ".yaml")}: bad plans go back for the right reason, and the good one covers all in the right order`, async () => {
    for (const { says, answer } of given.bad) match(await faultsOf(given, answer), new RegExp(literal(says)));
    checkPlan(given, (await decompose(given, [given.good])).plan);
  });
}

test("there are ten of them", () => equal(files.length, 10));

async function decompose({ goal, parallelism, strategy, skills, files }: GoalCase, answers: (object | string)[]) {
  const asked: ChatMessage[][] = [];
  const decomposer = new TaskDecomposer({
    async ask(messages) {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push([...messages]);
      return typeof answer === "string" ? answer : JSON.stringify(answer);
    },
  });
  const map = mapOf(Object.fromEntries(files.map((path) => [path, 1_000])));
  return { plan: await decomposer.decompose({ task: goal, parallelism, strategy, skills, map }), asked };
}

/** What the planner is told of a bad answer, before it gives the good one. */
async function faultsOf(given: GoalCase, answer: object | string): Promise<string> {
  const { asked } = await decompose(given, [answer, given.good]);
  equal(asked.length, 2, "the bad plan was taken");
  return asked[1]?.at(-1)?.text ?? "";
}

function checkPlan({ covers, before, startable }: GoalCase, plan: Plan): void {
  for (const pattern of covers) ok(matching(plan, pattern).length > 0, `no task covers ${pattern}`);
  ok(plan.tasks.filter(({ needs }) => needs.length === 0).length >= startable, "too few tasks can start");
  for (const [first, second] of before) {
    const later = matching(plan, second).filter((task) => !matching(plan, first).includes(task));
    ok(later.length > 0, `no task matches ${second}`);
    const ahead = new Set(matching(plan, first).map(({ id }) => id));
    for (const task of later)
      ok(
        allNeeds(plan, task).some((id) => ahead.has(id)),
        `${task.id} does not wait for ${first}`,
      );
  }
}

/** Tasks by their title, or where no title matches, by their prompt. */
function matching({ tasks }: Plan, pattern: string): PlanTask[] {
  const wanted = new RegExp(pattern, "i");
  const titled = tasks.filter(({ title }) => wanted.test(title));
  return titled.length > 0 ? titled : tasks.filter(({ prompt }) => wanted.test(prompt));
}

function allNeeds(plan: Plan, task: PlanTask): string[] {
  const found = new Set<string>();
  const open = [...task.needs];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(plan.tasks.find((each) => each.id === id)?.needs ?? []));
  }
  return [...found];
}

/** `says` is text but for `|` between two ways to say it. */
function literal(says: string): string {
  return says
    .split("|")
    .map((part) => part.replace(/[.*+?^${}()[\]\\]/g, "\\$&"))
    .join("|");
}
