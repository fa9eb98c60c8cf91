/** Writes docs/reference from the code that it describes. Run it after the error catalog changed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { catalog } from "../src/lib/errors.ts";

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

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "errors.md"), errorReference());
}
