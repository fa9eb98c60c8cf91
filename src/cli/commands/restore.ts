import { resolve } from "node:path";
import { iso } from "../../lib/clock.ts";
import { GodelError } from "../../lib/errors.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { probe } from "../probe.ts";
import { Steps } from "../ui/steps.ts";
import { stampOf } from "./backup.ts";

export interface RestoreFlags extends JsonFlag {
  force?: boolean;
}

export default async function restore(this: Cli, flags: RestoreFlags, file: string): Promise<void> {
  const { home } = this;
  const running = await probe(home);
  if (running) throw new GodelError("ENGINE_RUNNING", `an engine runs in ${home.dir} (process ${running.engine.pid}).`);
  const { restoreHome } = await import("../../api/backup.ts");
  const options = { force: flags.force === true, stamp: stampOf(iso(this.clock.wall())) };
  const steps = new Steps(this.err, flags.json === true);
  const answer = await steps.run("Restoring", async () => restoreHome(home, resolve(this.cwd, file), options));
  print(this, flags, answer, () => {
    const kept = answer.keptAside === null ? "" : `What was there before is in ${answer.keptAside}.\n`;
    return `${home.dir} holds the events up to ${answer.seq} again.\n${kept}Go on with:  godel up\n`;
  });
}
