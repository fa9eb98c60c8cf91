/** Who holds which files, so that two tasks that claim the same ones do not run side by side. */
import { type Glob, globsOverlap, parseClaim } from "./globs.ts";

/** Pairs whose answer is remembered; past it all are forgotten at once. */
const maxPairs = 65_536;

interface Claim {
  holder: string;
  /** As it was written. */
  pattern: string;
  id: number;
  glob: Glob;
}

/** A folder, what is claimed in it and further down. */
interface Folder {
  claims: Set<Claim>;
  name: string;
  below: Map<string, Folder>;
  /** Claims here and further down. */
  count: number;
}

export interface Conflict {
  holder: string;
  /** The claim of the holder that overlaps, as it was written. */
  pattern: string;
}

/**
 * Claims that are held, by the folder that they lie below.
 *
 * Two globs overlap only where the fixed folders of one lead to those of the other, so a look-up passes the claims above
 * and below its own folder and no others: it does not grow with the number of holders elsewhere. What was found for a pair
 * of patterns is remembered.
 */
export class Claims {
  readonly #root: Folder = newFolder("");
  readonly #held = new Map<string, Claim[]>();
  readonly #known = new Map<string, { id: number; glob: Glob }>();
  readonly #pairs = new Map<number, boolean>();

  get holders(): Iterable<string> {
    return this.#held.keys();
  }

  has(holder: string): boolean {
    return this.#held.has(holder);
  }

  /** `holder` works on `files` until `release`. Of no files nothing is held. A second hold replaces the first. */
  hold(holder: string, files: readonly string[]): void {
    this.release(holder);
    const claims = files.map((pattern): Claim => ({ holder, pattern, ...this.#parsed(pattern) }));
    if (claims.length === 0) return;
    this.#held.set(holder, claims);
    for (const claim of claims) this.#place(claim, 1);
  }

  /** Whether it held anything. */
  release(holder: string): boolean {
    const claims = this.#held.get(holder);
    for (const claim of claims ?? []) this.#place(claim, -1);
    return this.#held.delete(holder);
  }

  /** Somebody who holds what overlaps with `files`, other than `except`. */
  conflict(files: readonly string[], except?: string): Conflict | undefined {
    for (const pattern of files) {
      const { id, glob } = this.#parsed(pattern);
      for (const { folders } of glob) {
        for (const claim of this.#near(folders)) {
          if (claim.holder !== except && this.#overlap(id, glob, claim)) {
            return { holder: claim.holder, pattern: claim.pattern };
          }
        }
      }
    }
    return undefined;
  }

  /** The claims on the way to `folders`, and all below. */
  *#near(folders: readonly string[]): Iterable<Claim> {
    let at: Folder | undefined = this.#root;
    for (const name of folders) {
      yield* at.claims;
      at = at.below.get(name);
      if (!at) return;
    }
    const open = [at];
    for (let next = open.pop(); next; next = open.pop()) {
      yield* next.claims;
      for (const folder of next.below.values()) open.push(folder);
    }
  }

  #place(claim: Claim, step: 1 | -1): void {
    for (const { folders } of claim.glob) {
      const path = [this.#root];
      for (const name of folders) {
        const last = path.at(-1) ?? this.#root;
        const next = last.below.get(name) ?? newFolder(name);
        last.below.set(name, next);
        path.push(next);
      }
      const end = path.at(-1);
      if (step === 1) end?.claims.add(claim);
      else end?.claims.delete(claim);
      for (const folder of path) folder.count += step;
      forgetEmpty(path);
    }
  }

  #overlap(id: number, glob: Glob, claim: Claim): boolean {
    const pair = id < claim.id ? id * 2 ** 26 + claim.id : claim.id * 2 ** 26 + id;
    const known = this.#pairs.get(pair);
    if (known !== undefined) return known;
    const answer = globsOverlap(glob, claim.glob);
    if (this.#pairs.size >= maxPairs) this.#pairs.clear();
    this.#pairs.set(pair, answer);
    return answer;
  }

  #parsed(pattern: string): { id: number; glob: Glob } {
    const known = this.#known.get(pattern);
    if (known) return known;
    const parsed = { id: this.#known.size, glob: parseClaim(pattern) };
    this.#known.set(pattern, parsed);
    return parsed;
  }
}

/** Whether any of `files` can be a path that any of `others` means too. */
export function claimsOverlap(files: readonly string[], others: readonly string[]): boolean {
  const globs = others.map(parseClaim);
  return files.map(parseClaim).some((one) => globs.some((other) => globsOverlap(one, other)));
}

function newFolder(name: string): Folder {
  return { name, claims: new Set(), below: new Map(), count: 0 };
}

/** Folders that hold nothing any more leave the tree, deepest first. */
function forgetEmpty(path: readonly Folder[]): void {
  for (let depth = path.length - 1; depth > 0 && path[depth]?.count === 0; depth--) {
    path[depth - 1]?.below.delete(path[depth]?.name ?? "");
  }
}
