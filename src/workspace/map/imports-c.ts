import type { ImportContext } from "./import-context.ts";
import { dirName, joinPath } from "./paths.ts";

const include = /^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]{1,500})[>"]/gm;

/** Beside the file first, then the one file of the tree whose path ends so: include folders are the build's secret. */
export function importedC(text: string, { path, paths }: ImportContext): number[] {
  return [...text.matchAll(include)].flatMap(([, name = ""]) => {
    const beside = joinPath(dirName(path), name);
    const found = beside === undefined ? [] : paths.first([beside]);
    return found.length > 0 ? found : paths.endingWith(name.replace(/^(?:\.{1,2}\/)+/, ""));
  });
}
