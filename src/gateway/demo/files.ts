/** Paths of JavaScript in prose, and what of a repository is worth modernising. */

const inTicks = /`([\w@][\w@./-]*\.[cm]?js)`/;
const bare = /(?:^|[\s"'(])([\w@][\w@./-]*\.[cm]?js)(?=$|[\s"',;:.)!?])/;

/** The file that a prompt is about: the first path in backticks, else the first bare one. */
export function fileNamedIn(prompt: string): string | undefined {
  return inTicks.exec(prompt)?.[1] ?? bare.exec(prompt)?.[1];
}

const generated = /(?:\.min\.[cm]?js$)|(?:^|\/)(?:node_modules|dist|build|vendor|coverage|tests?|__tests__|fixtures)\//;

export function isWorthwhile(path: string): boolean {
  return /\.[cm]?js$/.test(path) && !generated.test(path) && !/(?:\.|-)(?:test|spec)\.[cm]?js$/.test(path);
}
