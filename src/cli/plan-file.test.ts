import { throws } from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { parsePlan, readPlanFile } from "./plan-file.ts";

test("a plan that is not there, is a folder or is no YAML is refused with what is wrong", () => {
  const refused = (read: () => unknown, message: RegExp) => throws(read, { code: "PLAN_UNREADABLE", message });
  refused(() => readPlanFile("none.yaml", tmpdir()), /none\.yaml: there is no such file\.$/);
  refused(() => readPlanFile(".", tmpdir()), /: it is a folder\.$/);
  refused(() => parsePlan("plan.yaml", "tasks: [\n"), /^plan\.yaml is neither YAML nor JSON: /);
});
