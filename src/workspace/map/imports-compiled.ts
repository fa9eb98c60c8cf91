/** Languages whose imports name packages or modules by a path of their own. */
import type { ImportContext } from "./import-context.ts";
import { baseName, dirName, joinPath } from "./paths.ts";

/** A Go package is a folder; one that imports it is tied to at most so many of its files. */
const maxPackageFiles = 20;

const goImport = /^[ \t]*(?:import[ \t]+)?(?:[\w.]+[ \t]+)?"([^"\n]{1,500})"[ \t]*$/gm;

export function importedGo(text: string, { paths, packages }: ImportContext): number[] {
  // Imports stand before all code; strings further down are none.
  const head = text.slice(0, /^(?:func|type|var|const)\b/m.exec(text)?.index ?? text.length);
  return [...head.matchAll(goImport)].flatMap(([, name = ""]) => {
    const module = packages.find((each) => name === each.name || name.startsWith(`${each.name}/`));
    const dir = module && joinPath(module.dir, name.slice(module.name.length));
    return dir === undefined ? [] : paths.inDir(dir).slice(0, maxPackageFiles);
  });
}

const rustModule = /^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?mod[ \t]+(\w+)[ \t]*;/gm;
const rustUse = /\b(crate|super|self)((?:::\w+)+)/g;

export function importedRust(text: string, { path, paths }: ImportContext): number[] {
  const own = /^(?:mod|lib|main)\.rs$/.test(baseName(path)) ? dirName(path) : path.replace(/\.rs$/, "");
  const found = [...text.matchAll(rustModule)].flatMap(([, name = ""]) => paths.first(rustFiles(joinPath(own, name))));
  for (const [, root = "", names = ""] of text.matchAll(rustUse)) {
    const base = { crate: crateRoot(path), super: dirName(own), self: own }[root];
    const parts = names.split("::").slice(1);
    // The last names may be items of a module rather than modules.
    for (let length = parts.length; length > 0; length--) {
      const file = paths.first(rustFiles(joinPath(base ?? "", parts.slice(0, length).join("/"))));
      found.push(...file);
      if (file.length > 0) break;
    }
  }
  return found;
}

function crateRoot(path: string): string {
  const at = `/${path}`.lastIndexOf("/src/");
  return at < 0 ? "" : path.slice(0, at + 3);
}

function rustFiles(target: string | undefined): string[] {
  return target === undefined ? [] : [`${target}.rs`, `${target}/mod.rs`];
}

const javaImport = /^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]{3,500})/gm;

/** A class lies at the path of its full name, below some source root. */
export function importedJava(text: string, { path, paths }: ImportContext): number[] {
  const ends = path.endsWith(".java") ? [".java", ".kt", ".scala"] : [".kt", ".scala", ".java"];
  return [...text.matchAll(javaImport)].flatMap(([, name = ""]) => {
    const target = name.replace(/\.$/, "").replaceAll(".", "/");
    return ends.map((end) => paths.endingWith(target + end)).find((found) => found.length > 0) ?? [];
  });
}

const rubyRequire = /^[ \t]*require(_relative)?[ \t(]+["']([^"'\n]{1,500})["']/gm;

export function importedRuby(text: string, { path, paths }: ImportContext): number[] {
  return [...text.matchAll(rubyRequire)].flatMap(([, relative, name = ""]) => {
    const file = name.endsWith(".rb") ? name : `${name}.rb`;
    if (relative === undefined) return paths.first([`lib/${file}`, file]);
    const target = joinPath(dirName(path), file);
    return target === undefined ? [] : paths.first([target]);
  });
}
