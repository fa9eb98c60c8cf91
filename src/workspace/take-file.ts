import { lstat, readFile, rm } from "node:fs/promises";
import { unlessMissing } from "./file-errors.ts";

/** Larger ones are no file that we asked for. */
const maxBytes = 1 << 20;

/** The text of the regular file at `path`, which is then removed; null where there is none. A link is not followed. */
export async function takeFile(path: string): Promise<string | null> {
  const found = await unlessMissing(lstat(path));
  if (!found?.isFile() || found.size > maxBytes) return null;
  const text = await readFile(path, "utf8");
  await rm(path);
  return text;
}
