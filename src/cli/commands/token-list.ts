import type { TokenView } from "../../api/wire-access.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { minute } from "../ui/format.ts";
import { type Column, table } from "../ui/table.ts";

export default async function tokenList(this: Cli, flags: JsonFlag): Promise<void> {
  const tokens = await clientOf(this.home).all("listTokens");
  const { width, style } = this.out;
  print(this, flags, { items: tokens }, () =>
    tokens.length === 0
      ? "No tokens yet. Give one out: godel token create --role viewer\n"
      : table(tokens, columns, width, style),
  );
}

const columns: Column<TokenView>[] = [
  { title: "ID", cell: ({ id }) => id },
  { title: "ROLE", cell: ({ role }) => role },
  { title: "STATE", cell: ({ state }) => state },
  { title: "CREATED", cell: ({ createdAt }) => minute(createdAt) },
  { title: "EXPIRES", cell: ({ expiresAt }) => (expiresAt === null ? "" : minute(expiresAt)) },
  { title: "NAME", cell: ({ name }) => name, flexible: true },
];
