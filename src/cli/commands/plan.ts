import { stringify } from "yaml";
import type { PlanAnswer, PlanRequest } from "../../api/plan-wire.ts";
import { exitCodes, GodelError } from "../../lib/errors.ts";
import { describeFaults } from "../../model/plan.ts";
import type { Cli } from "../cli.ts";
import { clientOf } from "../client.ts";
import { checkInteractive, settlePlan } from "../edit-plan.ts";
import { type PlanFlags, type PlanForm, planForm, planRequest } from "../plan-request.ts";
import { ensureEngine } from "../start-engine.ts";
import type { Output } from "../terminal.ts";
import { planMermaid, planNotes, planSummary, planTree } from "../ui/plan-text.ts";
import { Steps } from "../ui/steps.ts";

/** Prints what `team spawn --plan` reads, so that a person can mend it before money is spent. */
export default async function plan(this: Cli, flags: PlanFlags, goal?: string): Promise<void> {
  const form = planForm(flags, this.out.live);
  const request = planRequest(flags, goal, this.cwd);
  if (flags.interactive) checkInteractive(this);
  const steps = new Steps(this.err, form === "json");
  await ensureEngine(this, steps);
  const answer = await steps.run("Planning", () => clientOf(this.home).call("makePlan", { body: request }));
  if (flags.interactive) return interactive(this, request, answer, form);
  steps.say(planSummary(answer));
  if (form !== "json") this.err.write(planNotes(answer, this.err.style));
  if (answer.unmet.length > 0) throw new GodelError("PLAN_INVALID", describeFaults(answer.unmet));
  this.out.write(texts[form](answer, this.out));
}

/** Prints the plan that was settled on, as a file takes it: its tree was seen already. */
async function interactive(cli: Cli, request: PlanRequest, made: PlanAnswer, form: PlanForm): Promise<void> {
  const plan = await settlePlan(cli, request, made);
  if (plan === null) cli.exitCode = exitCodes.interrupted;
  else cli.out.write(texts[form === "tree" ? "yaml" : form]({ ...made, plan }, cli.out));
}

const texts: Record<PlanForm, (answer: PlanAnswer, out: Output) => string> = {
  json: ({ plan }) => `${JSON.stringify(plan, null, 2)}\n`,
  yaml: ({ plan }) => stringify(plan),
  mermaid: planMermaid,
  tree: planTree,
};
