import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BackupAnswer } from "../../api/wire.ts";
import { iso } from "../../lib/clock.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { probe } from "../probe.ts";
import { bytes } from "../ui/format.ts";
import { Steps } from "../ui/steps.ts";

export interface BackupFlags extends JsonFlag {
  force?: boolean;
}

export default async function backup(this: Cli, flags: BackupFlags, target: string): Promise<void> {
  const force = flags.force === true;
  const path = fileFor(this, resolve(this.cwd, target));
  const steps = new Steps(this.err, flags.json === true);
  const answer = await steps.run("Backing up", () => backUp(this, path, force));
  print(
    this,
    flags,
    answer,
    () =>
      `Events up to ${answer.seq}, with the last snapshots, are in ${answer.path} (${bytes(answer.sizeBytes)}).\n` +
      `Not in it: ${answer.notIncluded.join(", ")}.\n`,
  );
}

async function backUp(cli: Cli, path: string, force: boolean): Promise<BackupAnswer> {
  if (await probe(cli.home)) return clientOf(cli.home).call("backUp", { body: { path, force } });
  const { backUpOffline } = await import("../../api/backup.ts");
  return backUpOffline(cli.home, path, force);
}

/** In a folder, a name that says when. */
function fileFor({ clock }: Cli, target: string): string {
  if (!statSync(target, { throwIfNoEntry: false })?.isDirectory()) return target;
  return join(target, `godel-${stampOf(iso(clock.wall()))}.backup`);
}

/** `20261125-143000`, of an ISO 8601 time. */
export function stampOf(time: string): string {
  return time.replace(/\..*$/, "").replaceAll(/[-:]/g, "").replace("T", "-");
}
