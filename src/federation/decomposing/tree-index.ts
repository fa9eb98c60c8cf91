/** Which names each folder of a tree holds. */
export class TreeIndex {
  readonly #names = new Map<string, Set<string>>([["", new Set()]]);

  constructor(paths: Iterable<string>) {
    for (const path of paths) {
      let dir = "";
      for (const name of path.split("/")) {
        this.#namesIn(dir).add(name);
        dir = dir === "" ? name : `${dir}/${name}`;
      }
    }
  }

  /** The first folder along the plain beginning of `glob` that is not there, with the names beside it. */
  firstMissing(glob: string): { name: string; siblings: Set<string> } | undefined {
    let dir = "";
    for (const name of glob.split("/").slice(0, -1)) {
      if (/[*?[\]{}()!]/.test(name)) return undefined;
      const siblings = this.#names.get(dir);
      if (!siblings) return undefined;
      if (!siblings.has(name)) return { name, siblings };
      dir = dir === "" ? name : `${dir}/${name}`;
    }
    return undefined;
  }

  #namesIn(dir: string): Set<string> {
    const known = this.#names.get(dir);
    if (known) return known;
    const names = new Set<string>();
    this.#names.set(dir, names);
    return names;
  }
}
