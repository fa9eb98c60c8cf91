/** Lists in pages. A cursor names the last item of a page, so that what is added behind it is not missed. */
import { GodelError } from "../lib/errors.ts";
import { parseJson } from "../lib/json.ts";

/** Items of a page when nobody says: all that a team may have. Whoever asks for pages gets up to 10,000 in one. */
const maxItems = 100_000;

export interface Paging {
  limit?: string | undefined;
  cursor?: string | undefined;
}

export interface Cut<T> {
  page: T[];
  nextCursor: string | null;
}

/** The page of `items` that is asked for. Linear at worst. @throws GodelError CURSOR_INVALID when its item is there no more */
export function cut<T>(items: readonly T[], { limit, cursor }: Paging, idOf: (item: T) => string): Cut<T> {
  const start = cursor === undefined ? 0 : after(items, cursor, idOf);
  const end = start + Math.min(Number(limit ?? maxItems), maxItems);
  const page = items.slice(start, end);
  const last = page.at(-1);
  return { page, nextCursor: last === undefined || end >= items.length ? null : write(end - 1, idOf(last)) };
}

/** Where the page begins that comes after the item of `cursor`: where it was, or else wherever it is now. */
function after<T>(items: readonly T[], cursor: string, idOf: (item: T) => string): number {
  const [index, id] = read(cursor);
  const same = items[index];
  const at = same !== undefined && idOf(same) === id ? index : items.findIndex((item) => idOf(item) === id);
  if (at >= 0) return at + 1;
  throw new GodelError("CURSOR_INVALID", "the item that the cursor names is not in the list.");
}

function write(index: number, id: string): string {
  return Buffer.from(JSON.stringify([index, id])).toString("base64url");
}

function read(cursor: string): [index: number, id: string] {
  const value = parseJson(Buffer.from(cursor, "base64url").toString("utf8"));
  if (Array.isArray(value) && Number.isInteger(value[0]) && typeof value[1] === "string") return [value[0], value[1]];
  throw new GodelError("CURSOR_INVALID", "the cursor is none that the engine gave.");
}

/** Whether `value` is among the words of a filter, `a,b`; every one is where there is no filter. */
export function isAmong(filter: string | undefined, value: string): boolean {
  return filter === undefined || filter.split(",").includes(value);
}
