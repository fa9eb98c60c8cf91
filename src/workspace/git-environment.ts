/**
 * What a git of ours sees of its surroundings: the user's own settings (line endings, filters, ignore files), without
 * those that would run programs of theirs, ask questions, leave processes behind or make two runs differ.
 */
const settings: Record<string, string> = {
  "core.hooksPath": "/dev/null",
  "core.fsmonitor": "false",
  // Copies of an index must stand on their own, and show every file whatever the main work tree is narrowed to.
  "core.splitIndex": "false",
  "core.sparseCheckout": "false",
  "core.safecrlf": "false",
  // A worktree that is used again relies on git seeing every change of a file.
  "core.checkStat": "default",
  "core.trustctime": "true",
  "submodule.recurse": "false",
  // 50 checkouts side by side use the cores already; workers on top made each slower (6 times, 1,050 files, 2 cores).
  "checkout.workers": "1",
  "gc.auto": "0",
  "maintenance.auto": "false",
  "i18n.commitEncoding": "utf-8",
  "merge.conflictStyle": "merge",
  // Somebody else's git may hold a ref for a moment. In ms.
  "core.filesRefLockTimeout": "1000",
};

/** Who makes our commits. */
export const identity = { name: "godel", email: "godel@localhost" };

const fixed: Record<string, string> = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_LFS_SKIP_SMUDGE: "1",
  GIT_LITERAL_PATHSPECS: "1",
  GIT_AUTHOR_NAME: identity.name,
  GIT_AUTHOR_EMAIL: identity.email,
  GIT_COMMITTER_NAME: identity.name,
  GIT_COMMITTER_EMAIL: identity.email,
  ...asVariables(settings),
};

/** The environment of our git: `extra` over the fixed part over ours, less the GIT_* of whoever started us. */
export function gitEnvironment(extra: Record<string, string>): Record<string, string | undefined> {
  return { ...withoutGit(process.env), ...fixed, ...extra };
}

/** Where the user's git, its settings and its way to a server are: the same for every repository. */
const harmless = /^GIT_(CONFIG_GLOBAL|CONFIG_SYSTEM|CONFIG_NOSYSTEM|EXEC_PATH|SSH|SSH_COMMAND)$/;

/** `env` without what would point a git at another repository, index or identity. */
export function withoutGit(env: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("GIT_") || harmless.test(name)));
}

function asVariables(entries: Record<string, string>): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(Object.keys(entries).length) };
  for (const [index, [key, value]] of Object.entries(entries).entries()) {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return variables;
}
