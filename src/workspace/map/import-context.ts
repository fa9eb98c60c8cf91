import type { MappedPackage } from "../../model/repo-map.ts";
import type { Paths } from "./paths.ts";

export interface ImportContext {
  /** The file that imports. */
  path: string;
  paths: Paths;
  packages: readonly MappedPackage[];
}

/** Indices of the files that `text` imports; may hold some twice, and the file itself. */
export type Imported = (text: string, context: ImportContext) => number[];
