/** Writes docs/reference from the code that it describes. Run it after a command, the plan or the error catalog changed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { catalog } from "../src/lib/errors.ts";
import { commandReference } from "./reference/commands.ts";
import { homeReference } from "./reference/home.ts";
import { planReference } from "./reference/plan.ts";
import { settingsReference } from "./reference/settings.ts";

const folder = join(import.meta.dirname, "../docs/reference");

/** docs/reference/errors.md */
export function errorReference(): string {
  const rows = Object.entries(catalog).map(
    ([code, { status, exit, hint }]) => `| \`${code}\` | ${status} | ${exit} | ${hint.replaceAll("|", "\\|")} |`,
  );
  return `# Errors

Every failure that a caller may meet. The code is stable and stands in the \`code\` field of the API's problem
details and of \`--json\` errors; messages may be reworded. Codes are only ever added.

| code | HTTP status | exit code | what to do |
|---|---|---|---|
${rows.join("\n")}

This page is written by \`node scripts/reference.ts\` from \`src/lib/errors.ts\`.
`;
}

/** All pages of docs/reference, by file name. */
export function referencePages(): Record<string, string> {
  return {
    "commands.md": commandReference(),
    "errors.md": errorReference(),
    "home.md": homeReference(),
    "plan.md": planReference(),
    "settings.md": settingsReference(),
  };
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(referencePages())) writeFileSync(join(folder, name), text);
}
