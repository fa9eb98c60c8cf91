/** Who has the context of a session, and who works or worked last in a folder. */
import { parseClaim } from "../claims/globs.ts";

/** Of each kind; past it the oldest is forgotten. */
const maxRemembered = 65_536;
/** Of one folder: who else worked there before is not asked. */
const maxOfFolder = 8;
/** Two folders deep is where packages lie: `src/api`. */
const depth = 2;

export class Acquaintance {
  readonly #sessions = new Map<string, string>();
  /** Agents by folder, the newest last. */
  readonly #folders = new Map<string, string[]>();
  readonly #parsed = new Map<string, readonly string[]>();

  /** `agent` was given what `session` and `files` are. */
  met(agent: string, session: string | undefined, files: readonly string[]): void {
    if (session !== undefined) remember(this.#sessions, session, agent);
    for (const folder of this.#foldersOf(files)) {
      const others = (this.#folders.get(folder) ?? []).filter((other) => other !== agent);
      remember(this.#folders, folder, [...others, agent].slice(-maxOfFolder));
    }
  }

  ofSession(session: string | undefined): string | undefined {
    return session === undefined ? undefined : this.#sessions.get(session);
  }

  /** Agents that know folders of `files`, and the share of the folders that each knows. */
  ofFiles(files: readonly string[]): Map<string, number> {
    const shares = new Map<string, number>();
    const folders = this.#foldersOf(files);
    for (const folder of folders) {
      for (const agent of this.#folders.get(folder) ?? []) {
        shares.set(agent, (shares.get(agent) ?? 0) + 1 / folders.size);
      }
    }
    return shares;
  }

  #foldersOf(files: readonly string[]): Set<string> {
    return new Set(files.flatMap((pattern) => this.#parse(pattern)));
  }

  #parse(pattern: string): readonly string[] {
    const known = this.#parsed.get(pattern);
    if (known) return known;
    const folders = parseClaim(pattern).map((path) => path.folders.slice(0, depth).join("/"));
    remember(this.#parsed, pattern, folders);
    return folders;
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= maxRemembered) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
