import type { AuditEntry } from "../../api/wire-access.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { minute } from "../ui/format.ts";
import { type Column, table } from "../ui/table.ts";

export interface AuditFlags extends JsonFlag {
  lines?: number;
}

export default async function audit(this: Cli, flags: AuditFlags): Promise<void> {
  const { items } = await clientOf(this.home).call("listAudit", { query: { lines: String(flags.lines ?? 20) } });
  const { width, style } = this.out;
  print(this, flags, { items }, () =>
    items.length === 0 ? "Nothing was changed yet.\n" : table(items, columns, width, style),
  );
}

const columns: Column<AuditEntry>[] = [
  { title: "AT", cell: ({ at }) => minute(at) },
  { title: "WHO", cell: ({ who }) => who },
  { title: "ROLE", cell: ({ role }) => role },
  { title: "WHAT", cell: ({ operation }) => operation },
  { title: "OF", cell: ({ params }) => Object.values(params).join(" ") },
  { title: "STATUS", cell: ({ status }) => String(status), align: "right" },
  { title: "WITH", cell: ({ body }) => body, flexible: true },
];
