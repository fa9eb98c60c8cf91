import { readFileSync } from "node:fs";
import { join } from "node:path";
import { apiDefaults } from "../../src/api/options.ts";
import { policyDefaults } from "../../src/federation/policies.ts";
import { modelDefaults, providerDefaults } from "../../src/gateway/limits/provider-options.ts";
import { settingSections } from "../../src/model/settings.ts";

/** Where the docstrings of a section's options stand. */
const documented: Record<Exclude<keyof typeof policyDefaults, "tiers">, { file: string; type: string }> = {
  selector: { file: "src/federation/selecting/options.ts", type: "SelectorOptions" },
  scaler: { file: "src/federation/scaling/options.ts", type: "ScalerOptions" },
  health: { file: "src/federation/health/options.ts", type: "HealthOptions" },
  breaker: { file: "src/federation/circuit-breaker.ts", type: "BreakerOptions" },
  budget: { file: "src/federation/budgets.ts", type: "BudgetOptions" },
  recovery: { file: "src/federation/circuit-breaker.ts", type: "BreakerOptions" },
  resources: { file: "src/federation/resources/options.ts", type: "ResourceOptions" },
  outliers: { file: "src/federation/balancing/outliers.ts", type: "OutlierOptions" },
};

const [limitsFile, providersFile] = ["src/gateway/limits/limit-options.ts", "src/gateway/limits/provider-options.ts"];
const apiOptions = { file: "src/api/options.ts", type: "ApiOptions" };
const limits = docstringsOf({ file: limitsFile, type: "LimitOptions" });

/** docs/reference/settings.md: sections and keys from the code, what they mean from its docstrings. */
export function settingsReference(): string {
  const sections = Object.entries(settingSections).map(([name, about]) => {
    const from = documented[name as keyof typeof documented];
    const own = from === undefined ? "" : `\n\n${tableOf(name as keyof typeof documented)}`;
    if (name === "api") return `## ${name}\n\n${about}\n\n${rowsOf(apiDefaults, docstringsOf(apiOptions))}`;
    const keys = name === "providers" ? `\n\n${providersTables()}` : own;
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

This page is written by \`node scripts/reference.ts\` from the options in \`src/federation\`, \`src/api\` and \`src/gateway/limits\`.
`;
}

function tableOf(section: keyof typeof documented): string {
  return rowsOf(policyDefaults[section], docstringsOf(documented[section]));
}

/** Of a provider, then of each of its models. */
function providersTables(): string {
  const own = docstringsOf({ file: providersFile, type: "ProviderOptions" });
  const { models: _below, ...provider } = providerDefaults;
  const ofModel = docstringsOf({ file: providersFile, type: "ModelOptions" });
  const prices = docstringsOf({ file: providersFile, type: "PriceOptions" });
  return [
    "Of each provider, by its name:",
    rowsOf(provider, new Map([...limits, ...own])),
    "Of each model under its `models`, by its id:",
    rowsOf(modelDefaults, new Map([...limits, ...prices, ...ofModel])),
  ].join("\n\n");
}

function rowsOf(defaults: object, abouts: ReadonlyMap<string, string>): string {
  const rows = Object.entries(defaults).map(
    ([key, value]) => `| \`${key}\` | ${shown(value)} | ${abouts.get(key) ?? ""} |`,
  );
  return ["| key | default | |", "|---|---|---|", ...rows].join("\n");
}

/** What stands above each field of an interface. */
function docstringsOf({ file, type }: { file: string; type: string }): Map<string, string> {
  const text = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
  const body = text.split(new RegExp(`export interface ${type}[^{]*\\{`))[1]?.split("\n}")[0] ?? "";
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
  if (Array.isArray(value)) return "`[]`";
  if (value === Number.POSITIVE_INFINITY) return "`.inf`";
  return value === "" ? "" : `\`${String(value)}\``;
}
