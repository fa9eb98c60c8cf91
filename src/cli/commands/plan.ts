import { stringify } from "yaml";
import type { PlanAnswer } from "../../api/plan-wire.ts";
import type { Cli } from "../cli.ts";
import { Client } from "../client.ts";
import { type PlanFlags, planForm, planRequest } from "../plan-request.ts";
import { ensureEngine } from "../start-engine.ts";
import type { Output } from "../terminal.ts";
import { plural, usd } from "../ui/format.ts";
import { planMermaid, planTree } from "../ui/plan-text.ts";
import { Steps } from "../ui/steps.ts";

/** Prints what `team spawn --plan` reads, so that a person can mend it before money is spent. */
export default async function plan(this: Cli, flags: PlanFlags, goal?: string): Promise<void> {
  const form = planForm(flags, this.out.live);
  const request = planRequest(flags, goal, this.cwd);
  const steps = new Steps(this.err, form === "json");
  await ensureEngine(this, steps);
  const answer = await steps.run("Planning", () => Client.of(this.home).post<PlanAnswer>("/api/v1/plans", request));
  steps.say(summary(answer));
  for (const warning of answer.warnings) steps.say(`${this.err.style.yellow("note:")} ${warning}`);
  this.out.write(texts[form](answer, this.out));
}

const texts: Record<ReturnType<typeof planForm>, (answer: PlanAnswer, out: Output) => string> = {
  json: ({ plan }) => `${JSON.stringify(plan, null, 2)}\n`,
  yaml: ({ plan }) => stringify(plan),
  mermaid: planMermaid,
  tree: planTree,
};

function summary({ plan, costUsd, strategy }: PlanAnswer): string {
  const by = { model: "by a model", files: "by files", checklist: "by the checklist", plan: "as the file says" }[
    strategy
  ];
  return `${plural(plan.tasks.length, "task")}, planned ${by ?? strategy} for ${usd(costUsd)}`;
}
