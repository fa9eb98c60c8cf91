/** Paths of JavaScript in prose, and what of a repository is worth modernising. */

const inTicks = /`([\w@][\w@./-]*\.[cm]?js)`/;
const bare = /(?:^|[\s"'(])([\w@][\w@./-]*\.[cm]?js)(?=$|[\s"',;:.)!?])/;

/** A list of paths, a line each. */
const listed = /^- ([\w@][\w@./-]*\.[cm]?js)$/gm;

/** The files that a prompt is about: those that it lists, else the first path in backticks, else the first bare one. */
export function filesNamedIn(prompt: string): string[] {
  const list = [...prompt.matchAll(listed)].flatMap(([, path]) => path ?? []);
  const one = inTicks.exec(prompt)?.[1] ?? bare.exec(prompt)?.[1];
  return list.length > 0 ? list : one === undefined ? [] : [one];
}

const generated = /(?:\.min\.[cm]?js$)|(?:^|\/)(?:node_modules|dist|build|vendor|coverage|tests?|__tests__|fixtures)\//;

export function isWorthwhile(path: string): boolean {
  return /\.[cm]?js$/.test(path) && !generated.test(path) && !/(?:\.|-)(?:test|spec)\.[cm]?js$/.test(path);
}
