import { exitCodes } from "../../lib/errors.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import type { Check, Verdict } from "../doctor/check.ts";
import { checkEngine } from "../doctor/engine.ts";
import { checkMachine } from "../doctor/machine.ts";
import { checkModels } from "../doctor/models.ts";
import type { Style } from "../ui/style.ts";
import { padEnd } from "../ui/style.ts";

export default async function doctor(this: Cli, flags: JsonFlag): Promise<void> {
  const checks = [...(await checkMachine(this)), ...(await checkEngine(this)), ...(await checkModels(this))];
  print(this, flags, { checks }, () => describe(checks, this.out.style));
  if (checks.some((check) => check.verdict === "fail")) this.exitCode = exitCodes.tasksFailed;
}

function describe(checks: readonly Check[], style: Style): string {
  const marks: Record<Verdict, string> = {
    ok: style.green("✓"),
    warn: style.yellow("!"),
    fail: style.red("✗"),
    info: style.dim("·"),
  };
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ name, verdict, found, advice }) => {
      const line = `${marks[verdict]} ${padEnd(name, width)}  ${found}\n`;
      return advice === "" ? line : `${line}  ${" ".repeat(width)}  ${style.dim(advice)}\n`;
    })
    .join("");
}
