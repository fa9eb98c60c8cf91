import type { MappedPackage } from "../../model/repo-map.ts";
import type { ImportContext } from "./import-context.ts";
import { dirName, joinPath, type Paths } from "./paths.ts";

// `from "x"`, `import "x"`, `import("x")`, `require("x")`: the text in quotes right after one of these words.
const specifier = /\b(?:from|import|require)\s*\(?\s*(["'])([^"'\n]{1,500})\1/g;

/** Endings that Node, TypeScript and bundlers try, in their order. */
const ends = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".json"];

/** Where a folder, or a package, begins. */
const inner = ["index", "src/index", "lib/index", "main", "src/main"];

export function importedJs(text: string, { path, paths, packages }: ImportContext): number[] {
  const dir = dirName(path);
  return [...text.matchAll(specifier)].flatMap(([, , name = ""]) => {
    const target = name.startsWith(".") ? joinPath(dir, name) : inPackage(name, packages);
    return target === undefined ? [] : lookUp(target, paths);
  });
}

/** Where a bare name points to when it is a package of this repository. */
function inPackage(name: string, packages: readonly MappedPackage[]): string | undefined {
  const found = packages.find((each) => name === each.name || name.startsWith(`${each.name}/`));
  return found && joinPath(found.dir, name.slice(found.name.length));
}

/** As it is, with an end, as what it is made of, or as a folder. */
function lookUp(target: string, paths: Paths): number[] {
  const exact = paths.find(target);
  if (exact !== undefined) return [exact];
  const stems = [target, ...madeOf(target), ...inner.map((name) => (target === "" ? name : `${target}/${name}`))];
  for (const stem of stems) {
    const found = paths.withEnd(stem, ends);
    if (found.length > 0) return found;
  }
  return [];
}

/** TypeScript imports name the file that will be made: `./a.js` of `a.ts`. */
function madeOf(target: string): string[] {
  const made = /^(.*)\.[cm]?jsx?$/.exec(target);
  return made?.[1] === undefined ? [] : [made[1]];
}
