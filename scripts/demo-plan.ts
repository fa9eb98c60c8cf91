import { readFileSync } from "node:fs";
import { join } from "node:path";
import { modernise } from "../src/gateway/demo/codemod/modernise.ts";
import type { PlanTask } from "../src/model/plan.ts";

type DemoTask = Pick<PlanTask, "id" | "title" | "prompt" | "needs" | "files">;

/** The plan of the demo: one task for each of `count` modules, each after the modules that it requires. */
export function demoPlan(dir: string, modules: readonly string[], count: number) {
  const sources = modules.map((name) => ({ name, code: readFileSync(join(dir, name), "utf8") }));
  // Only what the scripted model can change: a task without a change would rightly fail.
  const chosen = sources
    .filter(({ code }) => modernise(code)?.code !== undefined && modernise(code)?.code !== code)
    .slice(0, count);
  const ids = new Map(chosen.map(({ name }) => [name, idOf(name)]));
  const tasks = inOrder(chosen.map(({ name, code }) => taskFor(name, code, ids)));
  return { goal: "Bring lodash's modules to const and let", gates: ["node check.cjs"], tasks };
}

function taskFor(name: string, code: string, ids: ReadonlyMap<string, string>): DemoTask {
  const required = [...code.matchAll(/require\('\.\/(\w+)'\)/g)].map(([, module]) => ids.get(`${module}.js`));
  return {
    id: ids.get(name) ?? "",
    title: `Use const and let in ${name}`,
    prompt: `Rewrite \`${name}\`: replace each \`var\` by \`const\`, or by \`let\` where it is assigned again. Change nothing else, and check that the file still parses.`,
    needs: [...new Set(required.filter((id) => id !== undefined))],
    files: [name],
  };
}

/** Modules of a package may require each other in a circle; a plan may not. Each keeps the needs that come before it. */
function inOrder(tasks: DemoTask[]): DemoTask[] {
  const done = new Set<string>();
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const visiting = new Set<string>();
  const visit = (task: DemoTask): void => {
    if (done.has(task.id)) return;
    visiting.add(task.id);
    task.needs = task.needs.filter((need) => !visiting.has(need));
    for (const need of task.needs) visit(byId.get(need) as DemoTask);
    visiting.delete(task.id);
    done.add(task.id);
  };
  for (const task of tasks) visit(task);
  return tasks;
}

function idOf(name: string): string {
  const words = name
    .replace(/\.js$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase();
  return words.startsWith("_") ? `internal-${words.slice(1)}` : words;
}
