import type { Role } from "../../api/roles.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { minute } from "../ui/format.ts";

export interface TokenFlags extends JsonFlag {
  role: Role;
  name?: string;
  /** In days. */
  expires?: number;
}

export default async function tokenCreate(this: Cli, flags: TokenFlags): Promise<void> {
  const { role, name, expires: expiresDays } = flags;
  const made = await clientOf(this.home).call("createToken", { body: { role, name, expiresDays } });
  const until = made.expiresAt === null ? "until it is revoked" : `until ${minute(made.expiresAt)}`;
  print(this, flags, made, () => `${made.token}\nShown this once. Good as ${role} ${until}; its id is ${made.id}.\n`);
}
