/**
 * A Markdown list as a plan. An item is a task; what is nested below it comes before it. Numbered items follow one
 * another, others may go side by side. Items that are ticked are done already; an item that ends with a colon only
 * names its group.
 */
import { lexer, type Token, type Tokens } from "marked";
import { GodelError } from "../../lib/errors.ts";
import { newPlanTask, type Plan, type PlanTask, planLimits } from "../../model/plan.ts";
import { TaskIds } from "./task-ids.ts";

/** Deeper lists are no plan that a person wrote. */
const maxDepth = 20;

/** Whether `text` is a list of two items or more, perhaps with words around it. */
export function isChecklist(text: string): boolean {
  return lexer(text).some((token) => isList(token) && token.items.length > 1);
}

/** @throws GodelError PLAN_REFUSED when there is nothing left to do in it, or it is too deep */
export function planByChecklist(text: string): Plan {
  const tokens = lexer(text);
  const reading = new Reading(
    tokens
      .filter((token) => !isList(token))
      .map(({ raw }) => raw)
      .join("")
      .trim(),
  );
  for (const token of tokens) if (isList(token)) reading.list(token, [], 0);
  if (reading.tasks.length === 0) {
    throw new GodelError("PLAN_REFUSED", "the checklist holds no item that is still open.");
  }
  const { tasks, context } = reading;
  return { goal: firstLine(context) || `A checklist of ${tasks.length} tasks`, gates: [], tasks };
}

class Reading {
  readonly tasks: PlanTask[] = [];
  /** The words around the lists. */
  readonly context: string;
  readonly #ids = new TaskIds();

  constructor(context: string) {
    this.context = context;
  }

  /** Reads a list whose items come after `before`. The ids of those that must be done for all of it to be done. */
  list({ items, ordered }: Tokens.List, before: readonly string[], depth: number): string[] {
    if (depth > maxDepth) throw new GodelError("PLAN_REFUSED", `the checklist is nested more than ${maxDepth} deep.`);
    let last = before;
    const ends: string[] = [];
    for (const item of items) {
      const done = this.#item(item, ordered ? last : before, depth);
      if (ordered && done.length > 0) last = done;
      ends.push(...done);
    }
    return ordered && ends.length > 0 ? [...last] : ends;
  }

  #item(item: Tokens.ListItem, before: readonly string[], depth: number): string[] {
    if (item.checked) return [];
    const inner = item.tokens.filter(isList).flatMap((list) => this.list(list, before, depth + 1));
    const text = item.tokens
      .filter((token) => !isList(token) && token.type !== "checkbox")
      .map(({ raw }) => raw)
      .join("")
      .trim();
    if (text === "" || (text.endsWith(":") && inner.length > 0)) return inner;
    const title = firstLine(text);
    const id = this.#ids.next(title);
    const prompt = this.context === "" ? text : `${text}\n\nIt is one item of this:\n${this.context}`;
    const needs = inner.length > 0 ? inner : [...before];
    this.tasks.push(newPlanTask({ id, title, prompt: prompt.slice(0, planLimits.promptChars), needs }));
    return [id];
  }
}

function isList(token: Token): token is Tokens.List {
  return token.type === "list";
}

function firstLine(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.replace(/^[#>*+\-\s]*(?:\d+[.)]\s+)?(?:\[[ xX]\]\s*)?/, "").slice(0, 120);
}
