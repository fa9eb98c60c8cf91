import { AssertionError } from "../lib/assert.ts";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";

/** Runs `work`; what the file system refuses becomes DISK_FULL, or GIT_FAILED with the system's words. */
export async function withFileErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GodelError || error instanceof AssertionError) throw error;
    const full = ["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? "");
    throw new GodelError(full ? "DISK_FULL" : "GIT_FAILED", messageOf(error), { cause: error });
  }
}

/** `undefined` where there is no such file; any other failure is thrown. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
