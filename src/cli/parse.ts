/** What flags and arguments may hold. Each parser throws a GodelError that says what is allowed. */
import { GodelError } from "../lib/errors.ts";
import { didYouMean } from "../lib/nearest.ts";
import { preferredCosts } from "../model/preferred-cost.ts";

/** Agents of one team; the engine has the same bound. */
export const maxAgents = 10_000;

/** A whole number from `low` to `high`, in plain digits. */
export function whole(name: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+(?:\.\d+)?(?:e\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new GodelError("OPTION_RANGE", `${name} must be a whole number from ${low} to ${high}, got "${text}".`);
  };
}

/** A number from `low` to `high`. */
export function amount(name: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new GodelError("OPTION_RANGE", `${name} must be a number from ${low} to ${high}, got "${text}".`);
  };
}

export const agentCount = whole("--count", 1, maxAgents);
export const port = whole("--port", 0, 65_535);

/** USD: `$50`, `50` or `0.5`. Up to a million, so that a slip of the finger is caught. */
export function budget(text: string, flag = "--budget"): number {
  const match = /^\s*\$?\s*(\d+(?:\.\d+)?|\.\d+)\s*$/.exec(text);
  const value = Number(match?.[1] ?? Number.NaN);
  if (value > 0 && value <= 1_000_000) return value;
  throw new GodelError(
    "OPTION_RANGE",
    `${flag} must be an amount in USD above 0 and up to 1000000, such as $50 or 0.5, got "${text}".`,
  );
}

const units: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

/** Tokens: `2000000`, `2M` or `500k`. At least one, and up to a thousand billion. */
export function tokenBudget(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)\s*$/i.exec(text);
  const value = Math.round(Number(match?.[1] ?? Number.NaN) * (units[match?.[2]?.toLowerCase() ?? ""] ?? 1));
  if (value >= 1 && value <= 1e12) return value;
  throw new GodelError(
    "OPTION_RANGE",
    `--budget-tokens must be a number of tokens from 1 to 1000G, such as 2000000 or 2M, got "${text}".`,
  );
}

/** `a,b`: tags without blanks around them or empty ones. */
export function tags(text: string): string[] {
  const found = text.split(",").map((tag) => tag.trim());
  if (found.every((tag) => /^[A-Za-z0-9][\w.+#-]*$/.test(tag))) return found;
  throw new GodelError("OPTION_RANGE", `--skills must be words with commas between them, got "${text}".`);
}

/** Text that says something. */
export function text(name: string): (given: string) => string {
  return (given) => {
    if (given.trim() !== "") return given;
    throw new GodelError("OPTION_RANGE", `${name} must not be empty.`);
  };
}

/** A time from now in days: `30d`, `12h` or `2w`. Up to a hundred years. */
export function days(given: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([hdw])$/.exec(given.trim()) ?? [];
  const value = Number(count) * ({ h: 1 / 24, d: 1, w: 7 }[unit ?? ""] ?? Number.NaN);
  if (value > 0 && value <= 36_500) return value;
  throw new GodelError("OPTION_RANGE", `--expires must be a time such as 12h, 30d or 2w, got "${given}".`);
}

const branchName = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** A team's name: it becomes the branch godel/NAME. */
export function teamName(given: string): string {
  if (branchName.test(given)) return given;
  throw new GodelError(
    "OPTION_RANGE",
    `--name must be 1 to 40 of [a-z0-9-] and start with a letter or digit, got "${given}".`,
  );
}

/** As `planStrategies` of the decomposer; written out, for that file is not needed to print help. */
export const planStrategyNames = ["auto", "model", "files", "checklist"] as const;

export const planStrategyName = oneOf("--strategy", planStrategyNames);
export const preferredCost = oneOf("--preferred-cost", preferredCosts);

function oneOf<Name extends string>(flag: string, names: readonly Name[]): (given: string) => Name {
  return (given) => {
    const found = names.find((name) => name === given);
    if (found !== undefined) return found;
    const all = names.join(", ");
    throw new GodelError("OPTION_RANGE", `${flag} must be one of ${all}, got "${given}".${didYouMean(given, names)}`);
  };
}
