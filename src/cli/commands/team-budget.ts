import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { plural, usd } from "../ui/format.ts";

export interface BudgetFlags extends JsonFlag {
  usd: number;
}

export default async function teamBudget(this: Cli, flags: BudgetFlags, team?: string): Promise<void> {
  const body = { budgetUsd: flags.usd };
  const status = await clientOf(this.home).call("raiseBudget", { params: { team: team ?? "-" }, body });
  print(this, flags, status, () => {
    const { team: raised, tasks } = status;
    const failed =
      tasks.failed === 0 ? "" : ` ${plural(tasks.failed, "task")} failed: \`godel task retry\` tries one again.`;
    return `${raised.name} may spend ${usd(flags.usd)} in all.${failed}\n`;
  });
}
