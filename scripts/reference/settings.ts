import { readFileSync } from "node:fs";
import { join } from "node:path";
import { policyDefaults } from "../../src/federation/policies.ts";
import { settingSections } from "../../src/model/settings.ts";

/** Where the docstrings of a section's options stand. */
const documented: Record<Exclude<keyof typeof policyDefaults, "tiers">, { file: string; type: string }> = {
  scaler: { file: "src/federation/scaling/options.ts", type: "ScalerOptions" },
  health: { file: "src/federation/health/options.ts", type: "HealthOptions" },
  breaker: { file: "src/federation/circuit-breaker.ts", type: "BreakerOptions" },
  budget: { file: "src/federation/budgets.ts", type: "BudgetOptions" },
  recovery: { file: "src/federation/circuit-breaker.ts", type: "BreakerOptions" },
  outliers: { file: "src/federation/balancing/outliers.ts", type: "OutlierOptions" },
};

/** docs/reference/settings.md: sections and keys from the code, what they mean from its docstrings. */
export function settingsReference(): string {
  const sections = Object.entries(settingSections).map(([name, about]) => {
    const from = documented[name as keyof typeof documented];
    const keys = from === undefined ? "" : `\n\n${tableOf(name as keyof typeof documented)}`;
    return `## ${name}\n\n${about}${keys}`;
  });
  return `# godel.yaml

Policies and limits that you choose. godel runs well without it. It is read from \`GODEL_HOME\` when the engine or the node
starts; an unknown key, a wrong type or a value out of range is refused with its file and line.

\`\`\`yaml
scaler:
  maxCostPerHour: 20
health:
  stallMs: 600000
\`\`\`

${sections.join("\n\n")}

This page is written by \`node scripts/reference.ts\` from the options in \`src/federation\`.
`;
}

function tableOf(section: keyof typeof documented): string {
  const abouts = docstringsOf(documented[section]);
  const rows = Object.entries(policyDefaults[section]).map(
    ([key, value]) => `| \`${key}\` | ${shown(value)} | ${abouts.get(key) ?? ""} |`,
  );
  return ["| key | default | |", "|---|---|---|", ...rows].join("\n");
}

/** What stands above each field of an interface. */
function docstringsOf({ file, type }: { file: string; type: string }): Map<string, string> {
  const text = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
  const body = text.split(`export interface ${type} {`)[1]?.split("\n}")[0] ?? "";
  const fields = [...body.matchAll(/\/\*\*([\s\S]*?)\*\/\s*(\w+):/g)];
  return new Map(fields.map(([, about = "", name = ""]) => [name, oneLine(about)]));
}

function oneLine(comment: string): string {
  return comment
    .replaceAll(/\n\s*\*/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .replaceAll("|", "\\|");
}

function shown(value: unknown): string {
  if (value === Number.POSITIVE_INFINITY) return "`.inf`";
  return `\`${String(value)}\``;
}
