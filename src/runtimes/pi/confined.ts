import { readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { codeOf } from "../../lib/errors.ts";

/**
 * Checks paths against one worktree. Answers the path with every link resolved, so that what is opened is what was
 * checked. The error is read by the model, so it says what to do.
 */
export function confinedTo(root: string): (path: string, use: "read" | "write") => Promise<string> {
  let real: Promise<string> | undefined;
  return async (path, use) => {
    real ??= realpath(root);
    const [top, target] = await Promise.all([real, resolved(path)]);
    const inside = relative(top, target);
    if (inside === ".." || inside.startsWith(`..${sep}`) || inside.startsWith(sep)) {
      throw new Error(`${path} is outside of your worktree ${root}. Work on files inside it, with relative paths.`);
    }
    // In a worktree this is a file that says which repository it belongs to.
    if (use === "write" && (inside === ".git" || inside.startsWith(`.git${sep}`))) {
      throw new Error(`${path} belongs to git. Leave it as it is; godel commits for you.`);
    }
    return target;
  };
}

/**
 * The real path of `path`, or of its nearest ancestor that exists with the rest appended. A link that leads nowhere
 * counts as what it names: writing through it would create that.
 */
async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    const target = await readlink(path).catch(() => undefined);
    if (target !== undefined) return resolved(resolve(dirname(path), target));
    return join(await resolved(dirname(path)), basename(path));
  }
}
