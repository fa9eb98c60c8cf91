import { GodelError, messageOf } from "../lib/errors.ts";
import type { ChatMessage } from "../model/link.ts";
import { checkPlan, type Plan } from "../model/plan.ts";
import { DependencyResolver } from "./dependency-resolver.ts";

export interface Goal {
  task: string;
  /** How many agents should have work at once. */
  parallelism: number;
  /** Skills that the agents have; a task may ask for no other. */
  skills?: readonly string[];
  /** Paths in the repository, so that the plan can name real ones. */
  files?: readonly string[];
}

export interface DecomposerParts {
  /** Asks a model and gives its answer as text. */
  ask(messages: readonly ChatMessage[]): Promise<string>;
}

/** Files named to the planner; more would cost more than they tell. */
const maxFiles = 2_000;

/** Splits a goal into a plan by asking a model. A faulty answer is sent back once, with its faults. */
export class TaskDecomposer {
  readonly #ask: DecomposerParts["ask"];

  constructor({ ask }: DecomposerParts) {
    this.#ask = ask;
  }

  /** @throws GodelError PLAN_REFUSED with the faults of the second answer, and whatever `ask` throws. */
  async decompose(goal: Goal): Promise<Plan> {
    const messages: ChatMessage[] = [
      { role: "system", text: instructions },
      { role: "user", text: request(goal) },
    ];
    const first = await this.#ask(messages);
    const faults = faultsOf(first);
    if (typeof faults !== "string") return withGoal(faults, goal);
    const second = await this.#ask([
      ...messages,
      { role: "assistant", text: first },
      {
        role: "user",
        text: `That plan can't be used: ${faults}\nAnswer with the whole plan again, mended, as JSON only.`,
      },
    ]);
    const again = faultsOf(second);
    if (typeof again === "string") throw new GodelError("PLAN_REFUSED", `the planner's second answer: ${again}`);
    return withGoal(again, goal);
  }
}

const instructions = `You plan work for a team of coding agents that run at the same time, each in its own copy of a git repository.
Answer with one JSON object and nothing else:
{"goal": text, "gates": [shell commands that must pass before work counts], "tasks": [{"id": "[a-z0-9-]", "title": text, "prompt": what the agent is told, "needs": [ids that must be done first], "skills": [], "files": [globs it will touch], "gates": []}]}
Rules: each task can be done and checked alone; tasks that touch the same file need one another; a task that uses another's result needs it; nothing of the goal is left out; prompts name files and what done means, since the agent sees nothing else.`;

function request({ task, parallelism, skills = [], files = [] }: Goal): string {
  const named = files.slice(0, maxFiles);
  const left = files.length - named.length;
  return [
    "PLAN REQUEST",
    `GOAL: ${task}`,
    `PARALLELISM: ${parallelism}`,
    `SKILLS: ${skills.length === 0 ? "none; leave `skills` empty" : skills.join(", ")}`,
    "FILES:",
    ...named,
    ...(left > 0 ? [`(and ${left} more)`] : []),
  ].join("\n");
}

/** The plan in an answer, or what is wrong with it. Models like to wrap JSON in prose or a code fence. */
function faultsOf(answer: string): Plan | string {
  const start = answer.indexOf("{");
  const end = answer.lastIndexOf("}");
  if (start < 0 || end < start) return "it holds no JSON object";
  try {
    const plan = checkPlan(JSON.parse(answer.slice(start, end + 1)));
    new DependencyResolver().resolve(plan.tasks);
    return plan;
  } catch (error) {
    return messageOf(error);
  }
}

function withGoal(plan: Plan, { task }: Goal): Plan {
  return { ...plan, goal: plan.goal || task };
}
