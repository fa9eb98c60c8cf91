/** What a token or a browser may do: each role may do what those before it may. */
export const roles = ["viewer", "operator", "admin"] as const;

/** A viewer reads; an operator also steers teams, tasks and agents; an admin also the engine, its backups and its tokens. */
export type Role = (typeof roles)[number];

/** Who asks. */
export interface Caller {
  /** The id of a token, `engine` for that of `engine.json`, `browser of ID`, or `anyone` for what is open. */
  id: string;
  role: Role;
}

export function mayAct(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}
