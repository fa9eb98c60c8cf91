import type { CostBy, CostReport, CostRow, Tokens } from "../../api/cost-wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { keyOf } from "../ui/event-text.ts";
import { amount, minute, plural, usd } from "../ui/format.ts";
import type { Style } from "../ui/style.ts";
import { type Column, table } from "../ui/table.ts";

export interface CostFlags extends JsonFlag {
  by?: CostBy;
}

export default async function cost(this: Cli, flags: CostFlags, team?: string): Promise<void> {
  const report = await clientOf(this.home).call("getCosts", { query: { by: flags.by ?? "task", team } });
  const { width, style } = this.out;
  print(this, flags, report, () =>
    report.items.length === 0 ? "Nothing was spent.\n" : text(report, team, width, style),
  );
}

function text({ by, items, total }: CostReport, team: string | undefined, width: number, style: Style): string {
  const sum = `${usd(total.costUsd)} in ${plural(total.requests, "request")}, ${amount(allOf(total.tokens))} tokens`;
  return `${table(items, columns(by, team !== undefined), width, style)}${style.dim(sum)}\n`;
}

function columns(by: CostBy, oneTeam: boolean): Column<CostRow>[] {
  const name = (key: string) => (by === "hour" ? minute(key) : oneTeam && by === "task" ? keyOf(key) : key);
  return [
    { title: by.toUpperCase(), cell: ({ key }) => name(key) },
    { title: "COST", cell: ({ costUsd }) => usd(costUsd), align: "right" },
    { title: "REQUESTS", cell: ({ requests }) => String(requests), align: "right" },
    { title: "INPUT", cell: ({ tokens }) => amount(tokens.input), align: "right" },
    { title: "CACHED", cell: ({ tokens }) => amount(tokens.cacheRead + tokens.cacheWrite), align: "right" },
    { title: "OUTPUT", cell: ({ tokens }) => amount(tokens.output), align: "right" },
  ];
}

function allOf({ input, output, cacheRead, cacheWrite }: Tokens): number {
  return input + output + cacheRead + cacheWrite;
}
