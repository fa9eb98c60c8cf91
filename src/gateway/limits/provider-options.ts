/** The section `providers` of godel.yaml, as far as limits, accounts and fallbacks go. */
import type { Millis } from "../../lib/clock.ts";
import { GodelError } from "../../lib/errors.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";
import { entriesIn, optionsIn, type Setting, type Settings } from "../../model/settings.ts";
import { type LimitOptions, untold } from "./limit-options.ts";

export interface PriceOptions {
  /** USD per million tokens of input, in place of what pi's list says. Default null: as the list has it; 0 to 1e6. */
  inputUsd: number | null;
  /** The same of output. */
  outputUsd: number | null;
  /** The same of input read from the provider's cache. */
  cacheReadUsd: number | null;
  /** The same of input written to it. */
  cacheWriteUsd: number | null;
}

export interface ModelOptions extends LimitOptions, PriceOptions {
  /** Models of one tier may stand in for one another when a provider is out. Default null: none. */
  tier: string | null;
  /** Where to ask when this model is out, first to last, as `PROVIDER/ID`; of the same API. Default none. */
  fallback: string[];
}

export interface ProviderOptions extends LimitOptions {
  /** Environment variables with the keys of further accounts; all accounts have the same limits. Default none. */
  accounts: string[];
  /** Longest wait for the first byte of an answer, in ms, before the request is repeated. Default 300,000; 1 to 3,600,000. */
  firstTokenMs: Millis;
  /** Longest silence within an answer, in ms, before it is cut. Default 120,000; 1 to 3,600,000. */
  stallMs: Millis;
  /** How long its requests wait, with all that could stand in out too, before a person is asked, in ms. Default 300,000; 1 to 3,600,000. */
  askAfterMs: Millis;
  models: Record<string, ModelOptions>;
}

type OwnOptions = Omit<ProviderOptions, "models">;

const listPrices: PriceOptions = { inputUsd: null, outputUsd: null, cacheReadUsd: null, cacheWriteUsd: null };

export const modelDefaults: ModelOptions = { ...untold, ...listPrices, tier: null, fallback: [] };
export const providerDefaults: ProviderOptions = {
  ...untold,
  accounts: [],
  firstTokenMs: 300_000,
  stallMs: 120_000,
  askAfterMs: 300_000,
  models: {},
};

export type GivenProvider = Partial<Omit<ProviderOptions, "models">> & {
  models?: Record<string, Partial<ModelOptions>>;
};

/** As godel.yaml has them. @throws GodelError SETTINGS_INVALID with file and line. */
export function providersIn(settings: Settings): Map<string, ProviderOptions> {
  const all = [...entriesIn(settings.get("providers"), "providers")];
  return new Map(all.map(([name, setting]) => [name, providerIn(name, setting)]));
}

function providerIn(provider: string, setting: Setting): ProviderOptions {
  const name = `providers.${provider}`;
  const { models: _none, ...defaults } = providerDefaults;
  const entries = entriesIn(setting, name);
  const own = { ...setting, entries: new Map([...entries].filter(([key]) => key !== "models")) };
  const options = optionsIn(own, name, defaults, (given) => checkedProvider(resolveOptions(defaults, given)));
  const models = [...entriesIn(entries.get("models"), `${name}.models`)].map(([id, each]) => [
    id,
    optionsIn(each, `${name}.models.${id}`, modelDefaults, (given) => modelOptions(`${provider}/${id}`, given)),
  ]);
  return { ...options, models: Object.fromEntries(models) };
}

/** By provider. @throws GodelError OPTION_UNKNOWN, OPTION_RANGE */
export function providerOptions(given: Record<string, GivenProvider> = {}): Map<string, ProviderOptions> {
  return new Map(Object.entries(given).map(([name, options]) => [name, oneProvider(name, options)]));
}

function oneProvider(name: string, { models = {}, ...given }: GivenProvider): ProviderOptions {
  const { models: _none, ...defaults } = providerDefaults;
  const own = checkedProvider(resolveOptions(defaults, given));
  const checked = Object.entries(models).map(([id, each]) => [id, modelOptions(`${name}/${id}`, each)]);
  return { ...own, models: Object.fromEntries(checked) };
}

function checkedProvider(options: OwnOptions): OwnOptions {
  checkLimits(options);
  inRange("firstTokenMs", options.firstTokenMs, 1, 3_600_000);
  inRange("stallMs", options.stallMs, 1, 3_600_000);
  inRange("askAfterMs", options.askAfterMs, 1, 3_600_000);
  const open = options.accounts.find((variable) => !/KEY$|TOKEN|SECRET/.test(variable));
  // Such a variable is taken out of what agents' commands see; another would not be.
  if (open !== undefined)
    throw new GodelError("OPTION_RANGE", `accounts: ${open} must end in KEY, or have TOKEN or SECRET in its name`);
  return options;
}

function modelOptions(name: string, given: Partial<ModelOptions>): ModelOptions {
  const options = resolveOptions(modelDefaults, given);
  checkLimits(options);
  for (const price of Object.keys(listPrices) as (keyof PriceOptions)[]) {
    if (options[price] !== null) inRange(price, options[price], 0, 1e6);
  }
  const bad = options.fallback.find((model) => !/^[^/]+\/./.test(model) || model === name);
  if (bad !== undefined) throw new GodelError("OPTION_RANGE", `fallback: "${bad}" must be another PROVIDER/ID`);
  return options;
}

const highest = {
  requestsPerMinute: 1e6,
  tokensPerMinute: 1e10,
  inputTokensPerMinute: 1e10,
  outputTokensPerMinute: 1e10,
  concurrency: 65_536,
} as const;

function checkLimits(options: LimitOptions): void {
  for (const [name, most] of Object.entries(highest)) {
    const value = options[name as keyof LimitOptions];
    if (value !== null) inRange(name, value, 1, most);
  }
}
