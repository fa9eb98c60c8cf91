/** Which model is meant where none is named, and what `auto` chooses from: by pi's own settings and prices. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GodelError } from "../lib/errors.ts";
import { isFields, parseJson } from "../lib/json.ts";
import type { ModelChoice } from "../model/tiers.ts";
import { autoModel, type Tier } from "../model/tiers.ts";
import type { Prices } from "./prices.ts";

/** What models cost, by `PROVIDER/ID`. */
export type PriceList = ReadonlyMap<string, Prices>;

/** `PROVIDER/ID` of pi's settings.json, or "". */
export function defaultModel(piDir: string): string {
  let text: string;
  try {
    text = readFileSync(join(piDir, "settings.json"), "utf8");
  } catch {
    return ""; // nobody has chosen one
  }
  const settings = parseJson(text);
  if (!isFields(settings)) return "";
  const { defaultProvider: provider, defaultModel: id } = settings;
  return typeof provider === "string" && typeof id === "string" && provider && id ? `${provider}/${id}` : "";
}

/** @throws GodelError MODEL_UNKNOWN for `auto` where nothing says what to choose from */
export async function chooseModel(
  named: string,
  piDir: string,
  prices: () => Promise<PriceList>,
): Promise<ModelChoice> {
  if (named !== "" && named !== autoModel) return { model: named, tiers: [] };
  const usual = defaultModel(piDir);
  if (named === "") return { model: usual, tiers: [] };
  const tiers = usual === "" ? [] : derivedTiers(usual, await prices());
  if (tiers.length > 0) return { model: autoModel, tiers };
  throw new GodelError(
    "MODEL_UNKNOWN",
    "`auto` has nothing to choose from: name `tiers` in godel.yaml, or a default model in pi's settings.",
  );
}

/** Of a task that reads 200,000 tokens and writes 10,000, in USD: enough to put models in order. */
function usualUsd({ input, output }: Prices): number {
  return (input * 200_000 + output * 10_000) / 1e6;
}

/** The usual model last; before it of the same provider the dearest at no more than a tenth of its price, and at no more than a third. */
function derivedTiers(usual: string, prices: PriceList): Tier[] {
  const tierOf = (model: string): Tier => {
    const known = prices.get(model);
    return { name: model, model, costUsd: known ? usualUsd(known) : 0 };
  };
  const top = tierOf(usual);
  const provider = usual.slice(0, usual.indexOf("/") + 1);
  const others = [...prices.keys()].filter((model) => model.startsWith(provider)).map(tierOf);
  const below = (share: number) =>
    others
      .filter(({ costUsd }) => costUsd > 0 && costUsd <= top.costUsd * share)
      .toSorted((a, b) => b.costUsd - a.costUsd)[0];
  const all = [below(0.1), below(1 / 3), top].filter((tier) => tier !== undefined);
  return all.filter((tier, index) => all.findIndex(({ model }) => model === tier.model) === index);
}
