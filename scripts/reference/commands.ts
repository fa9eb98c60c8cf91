import { type Application, type CommandContext, generateHelpTextForAllCommands } from "@stricli/core";
import { buildApp } from "../../src/cli/app.ts";
import { exitCodes } from "../../src/lib/errors.ts";

/** What each exit code tells a script. */
const meanings: Record<keyof typeof exitCodes, string> = {
  done: "done; of `team spawn` and `team status --watch`: all tasks are done",
  tasksFailed: "tasks failed, were skipped or cancelled, or the team was killed; of `doctor`: something must be mended",
  usage: "wrong usage, or something named that is not there",
  unreachable: "the engine cannot be reached or started",
  budget: "the budget is exhausted",
  interrupted: "interrupted with Ctrl-C; the team goes on",
};

/** docs/reference/commands.md: the help of every command, as the program prints it. */
export function commandReference(): string {
  // What a command is given besides the context of stricli matters to none of the help texts.
  const app = buildApp([]) as unknown as Application<CommandContext>;
  const sections = generateHelpTextForAllCommands(app).map(
    ([command, help]) => `## ${command}\n\n\`\`\`text\n${trimLines(help)}\n\`\`\``,
  );
  const codes = Object.entries(exitCodes).map(
    ([name, code]) => `| ${code} | ${meanings[name as keyof typeof exitCodes]} |`,
  );
  return `# Commands

What \`godel COMMAND --help\` prints. Results go to stdout, progress and errors to stderr. With \`--json\` a command prints
one JSON value, also for an error: \`{ "error": { "code", "message", "hint" } }\`, with a code of [errors](errors.md).
A TEAM is a name or an id, and may be left out while one team is live.

| exit code | meaning |
|---|---|
${codes.join("\n")}

${sections.join("\n\n")}

This page is written by \`node scripts/reference.ts\` from \`src/cli/\`.
`;
}

function trimLines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
