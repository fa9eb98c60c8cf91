import { type Cli, type JsonFlag, print } from "../cli.ts";
import { ensureEngine } from "../start-engine.ts";
import { Steps } from "../ui/steps.ts";

export interface UpFlags extends JsonFlag {
  port?: number;
}

export default async function up(this: Cli, flags: UpFlags): Promise<void> {
  const { engine, fresh } = await ensureEngine(this, new Steps(this.err, flags.json === true), flags.port);
  const { url, pid, nodePid, startedAt } = engine;
  print(this, flags, { url, pid, nodePid, startedAt, alreadyRunning: !fresh }, () =>
    fresh ? `godel is up at ${url}\n` : `godel runs already at ${url} (process ${pid})\n`,
  );
}
