/** What build files say: packages, how tests run, where programs begin. Nothing of it is run here. */
import { isFields, parseJson } from "../../lib/json.ts";
import type { MappedPackage } from "../../model/repo-map.ts";
import { baseName, dirName, joinPath } from "./paths.ts";

export interface ManifestFacts {
  packages: MappedPackage[];
  testCommands: string[];
  entryPoints: string[];
}

/** Manifests that are read; a tree with more is known by the first of them. */
export const maxManifests = 2_000;
export const maxManifestBytes = 256 * 1024;

type Reader = (text: string, at: { dir: string; path: string; top: ReadonlySet<string> }) => Partial<Found>;

interface Found {
  name: string;
  tests: string[];
  entries: string[];
}

const readers: Record<string, Reader> = {
  "package.json": readPackageJson,
  "Cargo.toml": (text) => ({ name: tomlName(text, "package"), tests: ["cargo test"] }),
  "pyproject.toml": (text) => ({
    name: tomlName(text, "project") || tomlName(text, "tool.poetry"),
    tests: /pytest/.test(text) ? ["pytest"] : [],
  }),
  "pytest.ini": () => ({ tests: ["pytest"] }),
  "tox.ini": () => ({ tests: ["tox"] }),
  "go.mod": (text) => ({ name: /^module[ \t]+(\S+)/m.exec(text)?.[1] ?? "", tests: ["go test ./..."] }),
  "pom.xml": (text) => ({ name: /<artifactId>([^<]+)</.exec(text)?.[1] ?? "", tests: ["mvn test"] }),
  "build.gradle": () => ({ tests: ["./gradlew test"] }),
  "build.gradle.kts": () => ({ tests: ["./gradlew test"] }),
  Makefile: (text) => ({ tests: makeTargets(text).map((target) => `make ${target}`) }),
  justfile: (text) => ({ tests: makeTargets(text).map((target) => `just ${target}`) }),
  "composer.json": (text) => ({ name: jsonName(text), tests: hasScript(text) ? ["composer test"] : [] }),
  Gemfile: (text) => ({ tests: /rspec/.test(text) ? ["bundle exec rspec"] : [] }),
};

export function isManifest(path: string): boolean {
  return Object.hasOwn(readers, baseName(path));
}

/** `manifests` are paths with their text, `top` the names in the top folder. Commands of folders below are left to packages. */
export function readManifests(manifests: Iterable<[string, string]>, top: ReadonlySet<string>): ManifestFacts {
  const packages: MappedPackage[] = [];
  const testCommands = new Set<string>();
  const entryPoints = new Set<string>();
  for (const [path, text] of manifests) {
    const dir = dirName(path);
    const { name = "", tests = [], entries = [] } = readers[baseName(path)]?.(text, { dir, path, top }) ?? {};
    if (name !== "") packages.push({ name, dir, manifest: path });
    if (dir === "") for (const command of tests) testCommands.add(command);
    for (const entry of entries) {
      const target = joinPath(dir, entry);
      if (target !== undefined) entryPoints.add(target);
    }
  }
  return { packages, testCommands: [...testCommands], entryPoints: [...entryPoints] };
}

function readPackageJson(text: string, { top }: { top: ReadonlySet<string> }): Partial<Found> {
  const value = parseJson(text);
  if (!isFields(value)) return {};
  const runner = top.has("pnpm-lock.yaml") ? "pnpm" : top.has("yarn.lock") ? "yarn" : "npm";
  const bins = typeof value.bin === "string" ? [value.bin] : isFields(value.bin) ? Object.values(value.bin) : [];
  return {
    name: typeof value.name === "string" ? value.name : "",
    tests: hasScript(text) ? [`${runner} test`] : [],
    entries: [value.main, value.module, ...bins].filter((entry) => typeof entry === "string"),
  };
}

/** Whether a `test` script is there that is not npm's own placeholder, which always fails. */
function hasScript(text: string): boolean {
  const value = parseJson(text);
  const scripts = isFields(value) && isFields(value.scripts) ? value.scripts : {};
  return scripts.test !== undefined && !/no test specified/.test(String(scripts.test));
}

function jsonName(text: string): string {
  const value = parseJson(text);
  return isFields(value) && typeof value.name === "string" ? value.name : "";
}

/** The `name` in a table of TOML. */
function tomlName(text: string, table: string): string {
  const start = text.indexOf(`[${table}]`);
  if (start < 0) return "";
  const body = text.slice(start + table.length + 2).split(/^\s*\[/m)[0] ?? "";
  return /^\s*name\s*=\s*["']([^"'\n]+)["']/m.exec(body)?.[1] ?? "";
}

function makeTargets(text: string): string[] {
  return ["test", "check"].filter((target) => new RegExp(`^${target}\\s*:(?!=)`, "m").test(text));
}
