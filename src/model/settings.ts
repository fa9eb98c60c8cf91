/**
 * `godel.yaml`: the policies that a person chooses and tunes, in GODEL_HOME and in a repository.
 *
 * One loader for all of it: each part of godel takes its own section by `optionsOf` or `entriesOf`, with its own defaults
 * and its own check, and every fault is told with file and line. What no part knows is refused with the nearest name.
 */
import { readFileSync } from "node:fs";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node as YamlNode } from "yaml";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import { didYouMean } from "../lib/nearest.ts";

/** Every section, and what it is about. A part of godel that is tuned here adds its own. */
export const settingSections = {
  selector: "Which of the free agents gets a task: by how much each of its merits counts.",
  scaler: "How many agents a team with `--min` and `--max` has.",
  health: "When an agent is suspect, ill or odd, and what is done about it.",
  breaker: "When an agent that fails by its own fault gets no more work for a while.",
  recovery:
    "When no more agents of a team are set aside for a while: too many were, and no work got done in between. A breaker, whose failures are the agents set aside.",
  outliers: "When an agent that is worse than its peers is set aside.",
  resources:
    "What a node takes and what is left to its machine: agents, memory, disk. Teams that want more together share it.",
  tiers:
    "What `--model auto` chooses from, cheapest first: a mapping of names to `model` and `costUsd`, what a try at a task costs.",
  budget: "What all teams together may spend, by the hour and ever, and what one attempt may.",
  api: "Who may reach the engine over HTTP, and how often.",
  providers: "Limits, tiers, fallbacks and prices of models, by provider. Read by the node of the machine.",
} as const;

export type SectionName = keyof typeof settingSections;

/** A value, where it stands (`FILE:LINE`), and what is in it where it is a mapping. */
export interface Setting {
  where: string;
  /** A scalar or a list as YAML gives it; undefined for a mapping. */
  value: unknown;
  entries: ReadonlyMap<string, Setting> | null;
}

/** The sections that are set. */
export type Settings = ReadonlyMap<SectionName, Setting>;

export const noSettings: Settings = new Map();

/** The settings in a file; none where there is no such file. @throws GodelError SETTINGS_INVALID */
export function readSettings(path: string): Settings {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return noSettings;
    throw new GodelError("SETTINGS_INVALID", `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  return parseSettings(text, path);
}

/** The settings in `text`; `file` names it in messages. @throws GodelError SETTINGS_INVALID */
export function parseSettings(text: string, file: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const where = (offset: number) => `${file}:${lines.linePos(offset).line}`;
  const [fault] = document.errors;
  if (fault) throw invalid(where(fault.pos[0]), fault.message.split("\n", 1)[0] ?? "it is not YAML");
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    return noSettings;
  const top = settingOf(document.contents, where);
  if (top.entries === null) throw invalid(`${file}:1`, "it must be a mapping of sections");
  for (const [name, { where: at }] of top.entries) refuseUnknown("section", name, Object.keys(settingSections), at);
  return top.entries as Settings;
}

/** `over` laid over `base`, key by key: a repository's file over that of the home. */
export function overlaid(base: Settings, over: Settings): Settings {
  return merged(base, over) as Settings;
}

/**
 * The options of a section: `defaults` with what is set, checked by `resolve`, which may throw OPTION_RANGE.
 * A default says of which type a value must be; where it is undefined or null any scalar passes on to `resolve`.
 * @throws GodelError SETTINGS_INVALID with file, line and the nearest name.
 */
export function optionsOf<T extends object>(
  settings: Settings,
  section: SectionName,
  defaults: T,
  resolve: (given: Partial<T>) => T,
): T {
  const setting = settings.get(section);
  return setting === undefined ? resolve({}) : optionsIn(setting, section, defaults, resolve);
}

/** The same for any mapping in a section, such as one provider. `name` is its path, for messages. */
export function optionsIn<T extends object>(
  setting: Setting,
  name: string,
  defaults: T,
  resolve: (given: Partial<T>) => T,
): T {
  const entries = entriesIn(setting, name);
  for (const [key, { where }] of entries) refuseUnknown("key", key, Object.keys(defaults), where);
  const given = Object.fromEntries(
    [...entries].map(([key, entry]) => [key, typed(`${name}.${key}`, entry, defaults[key as keyof T])]),
  );
  const fault = faultOf(() => resolve(given as Partial<T>));
  if (fault === null) return resolve(given as Partial<T>);
  // Where a key is at fault by itself its line is told, and else the line of the mapping.
  const guilty = [...entries].find(([key]) => faultOf(() => resolve({ [key]: given[key] } as Partial<T>)) === fault);
  throw invalid((guilty?.[1] ?? setting).where, `${name}: ${fault}`);
}

/** What stands in a section or mapping whose keys are names, such as providers or models. @throws GodelError SETTINGS_INVALID */
export function entriesIn(setting: Setting | undefined, name: string): ReadonlyMap<string, Setting> {
  if (setting === undefined || (setting.entries === null && setting.value === null)) return new Map();
  if (setting.entries === null) throw invalid(setting.where, `${name} must be a mapping`);
  return setting.entries;
}

/** A fault of the settings, at a place in a file. */
export function invalid(where: string, fault: string): GodelError {
  return new GodelError("SETTINGS_INVALID", `${where}: ${fault}${/[.?]$/.test(fault) ? "" : "."}`);
}

function settingOf(node: unknown, where: (offset: number) => string): Setting {
  const at = where((node as YamlNode | null)?.range?.[0] ?? 0);
  if (isAlias(node)) throw invalid(at, "aliases are not read");
  if (isMap(node)) {
    const entries = new Map<string, Setting>();
    for (const { key, value } of node.items) {
      const keyAt = where((key as YamlNode).range?.[0] ?? 0);
      if (!isScalar(key)) throw invalid(keyAt, "a key must be a word");
      entries.set(String(key.value), { ...settingOf(value, where), where: keyAt });
    }
    return { where: at, value: undefined, entries };
  }
  if (isSeq(node)) return { where: at, value: node.toJSON(), entries: null };
  return { where: at, value: isScalar(node) ? node.value : null, entries: null };
}

function merged(base: ReadonlyMap<string, Setting>, over: ReadonlyMap<string, Setting>): ReadonlyMap<string, Setting> {
  const all = new Map(base);
  for (const [key, setting] of over) {
    const [below, above] = [base.get(key)?.entries ?? null, setting.entries];
    all.set(key, below && above ? { ...setting, entries: merged(below, above) } : setting);
  }
  return all;
}

function refuseUnknown(what: string, word: string, known: string[], where: string): void {
  if (known.includes(word)) return;
  const hint = didYouMean(word, known) || ` Known: ${known.join(", ")}.`;
  throw invalid(where, `unknown ${what} "${word}".${hint}`);
}

function typed(name: string, { value, entries, where }: Setting, like: unknown): unknown {
  if (entries !== null) throw invalid(where, `${name} must be one value, not a mapping`);
  if (like === undefined || like === null || typeof value === typeof like) return value;
  throw invalid(where, `${name} must be a ${typeof like}, got ${JSON.stringify(value)}`);
}

/** What a check finds at fault, or null. */
function faultOf(check: () => unknown): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof GodelError) return error.message;
    throw error;
  }
}
