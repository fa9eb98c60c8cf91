import type { ImportContext } from "./import-context.ts";
import { dirName, joinPath } from "./paths.ts";

const from = /^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]{0,2000}\)|[^\n#;]{1,500})/gm;
const plain = /^[ \t]*import[ \t]+([\w., \t]{1,500})/gm;

export function importedPython(text: string, context: ImportContext): number[] {
  const found: number[] = [];
  for (const [, dots = "", module = "", names = ""] of text.matchAll(from)) {
    const base = module.replaceAll(".", "/");
    // What is imported from a package may be a module in it.
    const inner = (names.match(/\w+/g) ?? []).flatMap((name) => lookUp(dots, base ? `${base}/${name}` : name, context));
    found.push(...inner, ...lookUp(dots, base, context));
  }
  for (const [, modules = ""] of text.matchAll(plain)) {
    for (const module of modules.split(",")) {
      const name = module.trim().split(/\s/)[0] ?? "";
      found.push(...lookUp("", name.replaceAll(".", "/"), context));
    }
  }
  return found;
}

/** One dot is the file's own folder, each more is one up. Without dots: from the top, `src`, or a package's folder. */
function lookUp(dots: string, module: string, { path, paths, packages }: ImportContext): number[] {
  if (module === "" && dots === "") return [];
  const up = dots === "" ? "" : "../".repeat(dots.length - 1);
  const roots = dots === "" ? ["", "src", ...packages.flatMap(({ dir }) => [dir, `${dir}/src`])] : [dirName(path)];
  for (const root of roots) {
    const target = joinPath(root, `${up}${module}`);
    if (target === undefined) continue;
    const found = paths.first([`${target}.py`, target === "" ? "__init__.py" : `${target}/__init__.py`]);
    if (found.length > 0) return found;
  }
  return [];
}
