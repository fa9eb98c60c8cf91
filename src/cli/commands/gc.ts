import type { Garbage, GarbageAnswer } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { bytes, plural } from "../ui/format.ts";
import type { Style } from "../ui/style.ts";
import { type Column, table } from "../ui/table.ts";

export interface GcFlags extends JsonFlag {
  dryRun?: boolean;
}

export default async function gc(this: Cli, flags: GcFlags): Promise<void> {
  const answer = await clientOf(this.home).call("collectGarbage", { body: { dryRun: flags.dryRun === true } });
  const { width, style } = this.out;
  print(this, flags, answer, () => gcText(answer, width, style));
}

function gcText({ dryRun, removed, kept }: GarbageAnswer, width: number, style: Style): string {
  const gone = removed.length === 0 ? "" : table(removed, columns, width, style);
  const freed = removed.reduce((sum, each) => sum + (each.bytes ?? 0), 0);
  const count = plural(removed.length, "thing");
  const size = freed === 0 ? "" : `, ${bytes(freed)}`;
  const done = dryRun ? `${count} would be removed${size}; nothing was.` : `${count} removed${size}.`;
  return `${gone}${done}\n${[...reasons(kept)].map(([why, n]) => `${n} kept: ${why}\n`).join("")}`;
}

const columns: Column<Garbage>[] = [
  { title: "KIND", cell: ({ kind }) => kind },
  { title: "NAME", cell: ({ name }) => name },
  { title: "SIZE", cell: (each) => (each.bytes === null ? "" : bytes(each.bytes)), align: "right" },
  { title: "WHY", cell: ({ why }) => why, flexible: true },
];

/** How many are kept for each reason. */
function reasons(kept: readonly Garbage[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { why } of kept) counts.set(why, (counts.get(why) ?? 0) + 1);
  return counts;
}
