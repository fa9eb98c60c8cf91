import picomatch from "picomatch";
import type { MappedFile, RepoMap } from "../../model/repo-map.ts";

/** What of a map is asked for. */
export interface MapSelection {
  /** Globs, one of which a file's path must match; `!` before one takes files out again. Empty: all files. */
  globs: readonly string[];
  /** A POSIX extended regular expression that a line of the file must match. Default: any file will do. */
  query?: string | undefined;
  /** At most so many files come back. */
  max: number;
}

/** `map` with the files that were asked for, of those that were `found` where there was a query. Indices are those of the answer. */
export function selectFiles(map: RepoMap, { globs, max }: Omit<MapSelection, "query">, found?: Set<string>): RepoMap {
  const matches = matcher(globs);
  const chosen = map.files.flatMap(({ path }, i) => (matches(path) && (found?.has(path) ?? true) ? [i] : []));
  const kept = chosen.slice(0, max);
  const place = new Map(kept.map((old, i) => [old, i]));
  const moved = (indices: readonly number[]) => indices.map((old) => place.get(old)).filter((i) => i !== undefined);
  const files = kept.map((old): MappedFile => {
    const file = map.files[old] as MappedFile;
    return { ...file, imports: moved(file.imports) };
  });
  const changeTogether = map.changeTogether.flatMap(([one, other, count]): [number, number, number][] => {
    const [a, b] = [place.get(one), place.get(other)];
    return a === undefined || b === undefined ? [] : [[a, b, count]];
  });
  return { ...map, matched: chosen.length, files, changeTogether };
}

function matcher(globs: readonly string[]): (path: string) => boolean {
  const wanted = globs.filter((glob) => !glob.startsWith("!"));
  const unwanted = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const isWanted = wanted.length === 0 ? () => true : picomatch(wanted, { dot: true });
  const isUnwanted = unwanted.length === 0 ? () => false : picomatch(unwanted, { dot: true });
  return (path) => isWanted(path) && !isUnwanted(path);
}
