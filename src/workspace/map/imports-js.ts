import type { MappedPackage } from "../../model/repo-map.ts";
import type { ImportContext } from "./import-context.ts";
import { dirName, joinPath } from "./paths.ts";

// `from "x"`, `import "x"`, `import("x")`, `require("x")`: the text in quotes right after one of these words.
const specifier = /\b(?:from|import|require)\s*\(?\s*(["'])([^"'\n]{1,500})\1/g;

/** Endings that Node, TypeScript and bundlers try, in their order. */
const ends = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".json"];

export function importedJs(text: string, { path, paths, packages }: ImportContext): number[] {
  const dir = dirName(path);
  return [...text.matchAll(specifier)].flatMap(([, , name = ""]) => {
    const target = name.startsWith(".") ? joinPath(dir, name) : inPackage(name, packages);
    return target === undefined ? [] : paths.first(candidates(target));
  });
}

/** Where a bare name points to when it is a package of this repository. */
function inPackage(name: string, packages: readonly MappedPackage[]): string | undefined {
  const found = packages.find((each) => name === each.name || name.startsWith(`${each.name}/`));
  return found && joinPath(found.dir, name.slice(found.name.length));
}

function* candidates(target: string): Generator<string> {
  yield target;
  for (const end of ends) yield target + end;
  // TypeScript names the file that will be made of it.
  const made = /^(.*)\.([cm]?)jsx?$/.exec(target);
  if (made) yield* [`${made[1]}.${made[2]}ts`, `${made[1]}.tsx`];
  const folder = target === "" ? "" : `${target}/`;
  for (const inner of ["index", "src/index", "lib/index", "main", "src/main"]) {
    for (const end of ends) yield folder + inner + end;
  }
}
