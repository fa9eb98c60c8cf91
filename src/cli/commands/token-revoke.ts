import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";

export default async function tokenRevoke(this: Cli, flags: JsonFlag, id: string): Promise<void> {
  const token = await clientOf(this.home).call("revokeToken", { params: { token: id } });
  print(this, flags, token, () => `${token.id} is ${token.state}.\n`);
}
