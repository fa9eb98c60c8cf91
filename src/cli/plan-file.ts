import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import { checkPlan, type Plan } from "../model/plan.ts";

const reasons: Record<string, string> = { ENOENT: "there is no such file", EISDIR: "it is a folder" };

/**
 * The plan in a YAML or JSON file, checked here so that its faults show without an engine. Cycles are the engine's to find.
 * @throws GodelError PLAN_UNREADABLE, PLAN_INVALID
 */
export function readPlanFile(file: string, cwd: string): Plan {
  return parsePlan(file, readText(file, cwd));
}

/** The plan in `text`, which `file` held. @throws as `readPlanFile` */
export function parsePlan(file: string, text: string): Plan {
  return checkPlan(parseYaml(file, text));
}

function readText(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), "utf8");
  } catch (error) {
    const reason = reasons[codeOf(error) ?? ""] ?? messageOf(error);
    throw new GodelError("PLAN_UNREADABLE", `cannot read the plan ${file}: ${reason}.`, { cause: error });
  }
}

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new GodelError("PLAN_UNREADABLE", `${file} is neither YAML nor JSON: ${messageOf(error).trim()}`, {
      cause: error,
    });
  }
}
