/** Paths in a tree, by which imports are looked up. Always with `/`, never absolute; the top is "". */
export class Paths {
  readonly #index = new Map<string, number>();
  readonly #byName = new Map<string, number[]>();
  readonly #byDir = new Map<string, number[]>();
  /** By the path without the last end of the name. */
  readonly #byStem = new Map<string, number[]>();
  readonly #paths: readonly string[];

  constructor(paths: readonly string[]) {
    this.#paths = paths;
    for (const [i, path] of paths.entries()) {
      this.#index.set(path, i);
      push(this.#byName, baseName(path), i);
      push(this.#byDir, dirName(path), i);
      push(this.#byStem, stemOf(path), i);
    }
  }

  find(path: string): number | undefined {
    return this.#index.get(path);
  }

  /** The first of `candidates` that is there. */
  first(candidates: Iterable<string>): number[] {
    for (const candidate of candidates) {
      const found = this.#index.get(candidate);
      if (found !== undefined) return [found];
    }
    return [];
  }

  /** The file `stem` with the first of `ends` that there is. One lookup, however many ends. */
  withEnd(stem: string, ends: readonly string[]): number[] {
    const found = this.#byStem.get(stem);
    if (!found) return [];
    const rank = (i: number) => ends.indexOf((this.#paths[i] ?? "").slice(stem.length));
    const best = found.filter((i) => rank(i) >= 0).sort((a, b) => rank(a) - rank(b));
    return best.slice(0, 1);
  }

  /** The one file whose path ends with `suffix`; none where there are several, since a guess would tie strangers together. */
  endingWith(suffix: string): number[] {
    const named = this.#byName.get(baseName(suffix)) ?? [];
    const found = named.filter((i) => `/${this.#paths[i]}`.endsWith(`/${suffix}`));
    return found.length === 1 ? found : [];
  }

  inDir(dir: string): readonly number[] {
    return this.#byDir.get(dir) ?? [];
  }
}

function stemOf(path: string): string {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") ? path.slice(0, dot) : path;
}

export function dirName(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `specifier` as seen from the folder `dir`, or undefined where it leaves the tree. */
export function joinPath(dir: string, specifier: string): string | undefined {
  const parts = dir === "" ? [] : dir.split("/");
  for (const part of specifier.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
