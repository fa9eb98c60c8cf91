/**
 * Whether two globs can mean the same path.
 *
 * Exact for `*`, `?`, classes, braces and `**` as a segment: a table over pairs of segments, and for two segments one over
 * pairs of their characters, as for the product of two automata. Where a pattern is more than that (`!(a|b)`, `..`, a class
 * within braces that would grow too large), it is taken for a wider one, so that the answer may be a yes too many and is
 * never a no too many.
 */

/** A pattern taken apart once: each of its alternatives. */
export type Glob = readonly Path[];

export interface Path {
  segments: readonly Segment[];
  /** The names before the first segment that is a pattern: all that is meant lies below them. */
  folders: readonly string[];
  /** The folders are all there is. */
  isFixed: boolean;
}

/** `**` is any number of segments, none among them. */
type Segment = "**" | readonly Char[];

/** What one character may be: itself, anything (`?`), any number of anything (`*`), or one of a class. */
type Char = string | { any: "one" | "many" } | { not: boolean; ranges: readonly (readonly [number, number])[] };

/** Braces may give this many patterns; more of them are one that means anything from there on. */
const maxAlternatives = 64;

/** `x.ts`, but not `db` or `.github`. */
const fileName = /^.+\.[a-z0-9]{1,8}$/i;

/**
 * The glob of a claim. A claim on the folder `db` or `db/` is on all below it. Leading `./` and `/` are dropped. A claim that
 * starts with `!` only narrows others, and claims nothing.
 */
export function parseClaim(claim: string): Glob {
  return claim.startsWith("!") && !claim.startsWith("!(") ? [] : alternatives(claim).map(parsePath);
}

function parsePath(path: string): Path {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  // Where `..` leads is not looked up.
  if (names.includes("..")) return { segments: ["**"], folders: [], isFixed: false };
  const segments = names.map((name): Segment => (name === "**" ? "**" : chars(name)));
  const folders = fixedFolders(segments);
  const isFixed = folders.length === segments.length;
  const isFolder = path.endsWith("/") || (isFixed && !fileName.test(folders.at(-1) ?? ""));
  return { segments: isFolder ? [...segments, "**"] : segments, folders, isFixed };
}

function fixedFolders(segments: readonly Segment[]): string[] {
  const folders: string[] = [];
  for (const segment of segments) {
    if (segment === "**" || segment.some((char) => typeof char !== "string")) break;
    folders.push(segment.join(""));
  }
  return folders;
}

export function globsOverlap(one: Glob, other: Glob): boolean {
  return one.some((a) => other.some((b) => pathsMeet(a, b)));
}

function pathsMeet(a: Path, b: Path): boolean {
  return isWithin(a, b) || isWithin(b, a) || meets(a.segments, b.segments, segmentUnit);
}

/** All that `inner` means lies below what `outer` names, though that looked like a file. */
function isWithin(inner: Path, outer: Path): boolean {
  return outer.isFixed && outer.folders.every((name, depth) => inner.folders[depth] === name);
}

interface Unit<T> {
  /** It stands for any number of units. */
  isMany(unit: T): boolean;
  /** Of two that are not many: whether they can stand for the same. */
  canBeEqual(one: T, other: T): boolean;
}

const charUnit: Unit<Char> = { isMany, canBeEqual: charsMeet };
const segmentUnit: Unit<Segment> = {
  isMany: (segment) => segment === "**",
  canBeEqual: (x, y) => x === "**" || y === "**" || meets(x, y, charUnit),
};

/**
 * Whether a sequence exists that both patterns stand for. Row by row: `row[j]` says so of what is left of `a` from `i` on
 * and of `b` from `j` on. O(a · b) in time, O(b) in memory.
 */
function meets<T>(a: readonly T[], b: readonly T[], { isMany, canBeEqual }: Unit<T>): boolean {
  let below = new Array<boolean>(b.length + 1).fill(false);
  for (let i = a.length; i >= 0; i--) {
    const row = new Array<boolean>(b.length + 1).fill(false);
    for (let j = b.length; j >= 0; j--) {
      const [x, y] = [a[i], b[j]];
      if (x === undefined && y === undefined) row[j] = true;
      else if (x !== undefined && isMany(x)) row[j] = below[j] === true || (y !== undefined && row[j + 1] === true);
      else if (y !== undefined && isMany(y)) row[j] = row[j + 1] === true || (x !== undefined && below[j] === true);
      else row[j] = x !== undefined && y !== undefined && below[j + 1] === true && canBeEqual(x, y);
    }
    below = row;
  }
  return below[0] === true;
}

function isMany(char: Char): boolean {
  return typeof char !== "string" && "any" in char && char.any === "many";
}

function charsMeet(one: Char, other: Char): boolean {
  if (typeof one === "string") return typeof other === "string" ? one === other : accepts(other, one);
  if (typeof other === "string") return accepts(one, other);
  if ("any" in one || "any" in other) return true;
  if (one.not || other.not) return true;
  return one.ranges.some(([low, high]) => other.ranges.some(([from, to]) => low <= to && from <= high));
}

function accepts(char: Exclude<Char, string>, letter: string): boolean {
  if ("any" in char) return true;
  const code = letter.codePointAt(0) ?? 0;
  return char.ranges.some(([low, high]) => low <= code && code <= high) !== char.not;
}

function chars(name: string): Char[] {
  const letters = [...name];
  const result: Char[] = [];
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i] ?? "";
    // `@(a|b)` and its kin may mean almost anything.
    if ("!@+*?".includes(letter) && letters[i + 1] === "(") return [...result, { any: "many" }];
    if (letter === "*") result.push({ any: "many" });
    else if (letter === "?") result.push({ any: "one" });
    else if (letter === "\\") result.push(letters[++i] ?? "\\");
    else if (letter === "[" && letters.indexOf("]", i + 2) > 0) {
      const end = letters.indexOf("]", i + 2);
      result.push(classOf(letters.slice(i + 1, end)));
      i = end;
    } else result.push(letter);
  }
  return result;
}

function classOf(inside: readonly string[]): Char {
  // `[[:alpha:]]` and the like: any one.
  if (inside.includes("[") || inside.includes("\\")) return { any: "one" };
  const not = inside[0] === "!" || inside[0] === "^";
  const letters = not ? inside.slice(1) : inside;
  const ranges: [number, number][] = [];
  for (let i = 0; i < letters.length; i++) {
    const low = letters[i]?.codePointAt(0) ?? 0;
    const high = letters[i + 1] === "-" ? letters[i + 2]?.codePointAt(0) : undefined;
    ranges.push([low, high ?? low]);
    if (high !== undefined) i += 2;
  }
  return { not, ranges };
}

/** `a/{b,c}/d` as `a/b/d` and `a/c/d`. Where they would be too many, or a list of numbers: `a/**`. */
function alternatives(claim: string): string[] {
  let open = [claim];
  const done: string[] = [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const braces = firstBraces(next);
    if (!braces) done.push(next);
    else if (open.length + done.length + braces.parts.length > maxAlternatives || braces.parts.length < 2) {
      done.push(`${next.slice(0, next.lastIndexOf("/", braces.start) + 1)}**`);
    } else {
      const [before, after] = [next.slice(0, braces.start), next.slice(braces.end + 1)];
      open = [...open, ...braces.parts.map((part) => before + part + after)];
    }
  }
  return done;
}

function firstBraces(text: string): { start: number; end: number; parts: string[] } | undefined {
  let depth = 0;
  let start = -1;
  let from = 0;
  const parts: string[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "{" && depth++ === 0) [start, from] = [i, i + 1];
    else if (text[i] === "," && depth === 1) {
      parts.push(text.slice(from, i));
      from = i + 1;
    } else if (text[i] === "}" && depth > 0 && --depth === 0) {
      return { start, end: i, parts: [...parts, text.slice(from, i)] };
    }
  }
  return undefined;
}
