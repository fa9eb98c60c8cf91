/** Names that hold secrets, or ways to use somebody's identity, by the habits of the tools that read them. */
const secretName = /(^|_)(api)?key(_id)?$|apikey|token|secret|passw|credential|(^|_)auth(_|$)|cookie|askpass/i;

/**
 * What belongs to the process itself; a command that inherited it would speak or write in its place, and git would
 * work on another repository than the one it stands in.
 * GODEL_HOST stays: it marks all that a host started, so that the node finds what outlived it.
 */
const ownName = /^(NODE_OPTIONS|NODE_COMPILE_CACHE|NODE_CHANNEL_.*|GODEL_(?!HOST$).*|PI_.*|GIT_.*)$/;

/** A password inside an address, as in DATABASE_URL. */
const secretValue = /:\/\/[^/\s:@]*:[^/\s@]+@/;

/** `env` without what looks like a secret and without what is the host's own: what an agent's commands may see. */
export function scrubbedEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || secretName.test(name) || ownName.test(name) || secretValue.test(value)) continue;
    kept[name] = value;
  }
  return kept;
}
