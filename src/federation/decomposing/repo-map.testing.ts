import type { MappedFile, RepoMap } from "../../model/repo-map.ts";

/** A map of `files` by path with their size, or with what they import. */
export function mapOf(files: Record<string, number | string[]>, parts: Partial<RepoMap> = {}): RepoMap {
  const paths = Object.keys(files);
  const mapped = Object.entries(files).map(([path, value]): MappedFile => {
    const imports = typeof value === "number" ? [] : value.map((target) => paths.indexOf(target)).sort((a, b) => a - b);
    return { path, bytes: typeof value === "number" ? value : 1024, language: "JavaScript", imports };
  });
  const counts = { total: paths.length, matched: paths.length };
  const nothing = { languages: [], packages: [], testCommands: [], entryPoints: [], changeTogether: [] };
  return {
    tree: "t",
    ...counts,
    ...nothing,
    files: mapped,
    leftOut: { symlinks: 0, submodules: 0, unreadableNames: 0 },
    ...parts,
  };
}
