import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { inRange, resolveOptions } from "../lib/options.ts";
import { entriesIn, optionsOf, overlaid, parseSettings } from "./settings.ts";

const defaults = { stallMs: 300, isOn: true, cap: Number.POSITIVE_INFINITY, low: 1, high: 5 };

function resolve(given: Partial<typeof defaults>) {
  const options = resolveOptions(defaults, given);
  inRange("stallMs", options.stallMs, 1, 1_000);
  inRange("low", options.low, 0, options.high);
  return options;
}

function health(text: string) {
  return optionsOf(parseSettings(text, "godel.yaml"), "health", defaults, resolve);
}

test("what is not set keeps its default, and an empty file sets nothing", () => {
  deepEqual(health(""), defaults);
  deepEqual(health("# nothing yet\n"), defaults);
  deepEqual(health("health:\n"), defaults);
  deepEqual(health("health:\n  stallMs: 7\n  cap: .inf\n"), { ...defaults, stallMs: 7 });
});

const faults: [name: string, text: string, message: RegExp][] = [
  [
    "an unknown section",
    "heath:\n  stallMs: 7\n",
    /^godel\.yaml:1: unknown section "heath"\. Did you mean "health"\?$/,
  ],
  [
    "an unknown key",
    "health:\n  isOn: true\n  stalMs: 7\n",
    /^godel\.yaml:3: unknown key "stalMs"\. Did you mean "stallMs"\?$/,
  ],
  [
    "a key like no other",
    "health:\n  zzzzzz: 7\n",
    /^godel\.yaml:2: unknown key "zzzzzz"\. Known: stallMs, isOn, cap, low, high\.$/,
  ],
  ["a wrong type", "health:\n  stallMs: soon\n", /^godel\.yaml:2: health\.stallMs must be a number, got "soon"\.$/],
  [
    "a mapping for a value",
    "health:\n  stallMs: { a: 1 }\n",
    /^godel\.yaml:2: health\.stallMs must be one value, not a mapping\.$/,
  ],
  ["a value out of range", "health:\n  isOn: no\n", /^godel\.yaml:2: health\.isOn must be a boolean, got "no"\.$/],
  [
    "a value out of its range",
    "health:\n  cap: 2\n  stallMs: 0\n",
    /^godel\.yaml:3: health: stallMs must be from 1 to 1000, got 0\.$/,
  ],
  [
    "two values that do not go together",
    "health:\n  high: 3\n  low: 4\n",
    /^godel\.yaml:1: health: low must be from 0 to 3, got 4\.$/,
  ],
  ["a section that is no mapping", "\nhealth: 7\n", /^godel\.yaml:2: health must be a mapping\.$/],
  ["a file that is no mapping", "- health\n", /^godel\.yaml:1: it must be a mapping of sections\.$/],
  ["broken YAML", "health:\n  stallMs: [\n", /^godel\.yaml:\d: /],
  ["a key that stands twice", "health:\n  cap: 1\n  cap: 2\n", /^godel\.yaml:3: Map keys must be unique/],
];

for (const [name, text, message] of faults) {
  test(`refuses ${name}, with file and line`, () => {
    throws(() => health(text), { code: "SETTINGS_INVALID", message });
  });
}

test("a key that is wrong only without another one is accepted with it", () => {
  equal(health("health:\n  low: 9\n  high: 10\n").low, 9);
});

test("the settings of a repository lie over those of the home, key by key", () => {
  const home = parseSettings("health:\n  stallMs: 7\n  cap: 1\n", "home.yaml");
  const repo = parseSettings("health:\n  cap: 2\n", "repo.yaml");
  deepEqual(optionsOf(overlaid(home, repo), "health", defaults, resolve), { ...defaults, stallMs: 7, cap: 2 });
  const bad = parseSettings("health:\n  stallMs: 0\n", "repo.yaml");
  throws(() => optionsOf(overlaid(home, bad), "health", defaults, resolve), { message: /^repo\.yaml:2: / });
});

test("a section of names is read entry by entry, each with its place", () => {
  const settings = parseSettings("providers:\n  acme:\n    tier: 1\n  demo: {}\n", "godel.yaml");
  const entries = entriesIn(settings.get("providers"), "providers");
  deepEqual([...entries.keys()], ["acme", "demo"]);
  equal(entries.get("acme")?.where, "godel.yaml:2");
  deepEqual([...entriesIn(settings.get("scaler"), "scaler")], []);
});
