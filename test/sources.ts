/** The sources of the project and what each of them imports: what the tidy rules are checked against. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export const root = join(import.meta.dirname, "..");

export interface Source {
  /** From the root, with forward slashes. */
  path: string;
  text: string;
  /** The files of the project that it imports, each once, in order. */
  imports: string[];
  /** The files that it starts as processes of their own, by their address: no arrow, but they are not dead. */
  starts: string[];
}

/** A relative path after `from`, `import` or `import(`. */
const imported = /(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+\.tsx?)"/g;
/** The same after `new URL(`, or joined to the folder of the file. */
const started = /(?:\bnew URL\(\s*|import\.meta\.dirname,\s*|\bimport\.meta\.resolve\(\s*)"([^"]+\.ts)"/g;

export function readSources(...folders: string[]): Map<string, Source> {
  const paths = folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root, exclude: ["web/dist/**"] }))
    .sort();
  return new Map(paths.map((path) => [path, read(path)]));
}

/** `start` and all that it imports or starts, directly or not. */
export function reachable(sources: ReadonlyMap<string, Source>, start: Iterable<string>): Set<string> {
  const seen = new Set<string>();
  const open = [...start];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const source = sources.get(path);
    if (source) open.push(...source.imports, ...source.starts);
  }
  return seen;
}

/** One circle of imports, as the path around it, or undefined. Depth first with three colours. */
export function findCycle(sources: ReadonlyMap<string, Source>): string[] | undefined {
  const done = new Set<string>();
  const trail: string[] = [];
  for (const path of sources.keys()) {
    const cycle = visit(path);
    if (cycle) return cycle;
  }
  return undefined;

  function visit(path: string): string[] | undefined {
    if (done.has(path)) return undefined;
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    trail.push(path);
    for (const next of sources.get(path)?.imports ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    trail.pop();
    done.add(path);
    return undefined;
  }
}

function read(path: string): Source {
  const text = readFileSync(join(root, path), "utf8");
  const find = (pattern: RegExp) => {
    const found = [...text.matchAll(pattern)].map((match) => normalize(join(dirname(path), match[1] ?? "")));
    return [...new Set(found)];
  };
  return { path, text, imports: find(imported), starts: find(started) };
}
