import { resolve } from "node:path";
import { stringify } from "yaml";
import type { PlanAnswer, PlanRequest } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { Client } from "../client.ts";
import { ensureEngine } from "../start-engine.ts";
import { plural, usd } from "../ui/format.ts";
import { Steps } from "../ui/steps.ts";

export interface PlanFlags extends JsonFlag {
  repo?: string;
  model?: string;
}

/** Prints what `team spawn --plan` reads, so that a person can mend it before money is spent. */
export default async function plan(this: Cli, flags: PlanFlags, goal: string): Promise<void> {
  const steps = new Steps(this.err, flags.json === true);
  await ensureEngine(this, steps);
  const body: PlanRequest = { goal, repo: resolve(this.cwd, flags.repo ?? "."), model: flags.model };
  const answer = await steps.run("Planning", () => Client.of(this.home).post<PlanAnswer>("/api/v1/plans", body));
  steps.say(`${plural(answer.plan.tasks.length, "task")}, planned for ${usd(answer.costUsd)}`);
  print(this, flags, answer.plan, () => stringify(answer.plan));
}
