import { type Cli, type JsonFlag, print } from "../cli.ts";
import { stopEngine } from "../stop-engine.ts";

export default async function down(this: Cli, flags: JsonFlag): Promise<void> {
  const stopped = await stopEngine(this);
  print(this, flags, { stopped }, () => (stopped ? "godel is down.\n" : `Nothing runs in ${this.home.dir}.\n`));
}
