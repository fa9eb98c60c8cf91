/** Which models can be asked. Says where a key comes from, never what it is. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Fields, isFields, parseJson } from "../../lib/json.ts";
import { piDirOf } from "../../model/home.ts";
import type { Cli } from "../cli.ts";
import { type Check, check } from "./check.ts";

export async function checkModels({ env }: Cli): Promise<Check[]> {
  const dir = piDirOf(env);
  const found = new Map<string, string>();
  for (const [provider, variable] of await fromEnvironment(env)) found.set(provider, variable);
  for (const provider of Object.keys(fieldsOf(join(dir, "auth.json")))) found.set(provider, "auth.json");
  for (const provider of withKeys(fieldsOf(join(dir, "models.json")))) found.set(provider, "models.json");
  const names = [...found].map(([provider, source]) => `${provider} (${source})`).join(", ");
  return [
    check("pi settings", "info", existsSync(dir) ? dir : `${dir} is not there yet`),
    check(
      "models",
      names === "" ? "warn" : "ok",
      names || "no key found; `--model demo` works without",
      "Set a provider's variable, such as ANTHROPIC_API_KEY, or run pi's /login.",
    ),
  ];
}

/** pi's own table of variables. Loaded here alone: it takes half a second. */
async function fromEnvironment(env: NodeJS.ProcessEnv): Promise<[string, string][]> {
  const { findEnvKeys, getProviders } = await import("@earendil-works/pi-ai/compat");
  const set = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return getProviders().flatMap((provider): [string, string][] => {
    const [variable] = findEnvKeys(provider, set) ?? [];
    return variable === undefined ? [] : [[provider, variable]];
  });
}

function withKeys({ providers }: Fields): string[] {
  if (!isFields(providers)) return [];
  return Object.entries(providers).flatMap(([name, provider]) => (isFields(provider) && provider.apiKey ? [name] : []));
}

function fieldsOf(file: string): Fields {
  const value = existsSync(file) ? parseJson(readFileSync(file, "utf8")) : undefined;
  return isFields(value) ? value : {};
}
