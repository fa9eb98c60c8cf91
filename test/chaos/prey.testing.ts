/** The processes of a home by what they are, so that one of them can be struck. Linux alone: they are found in /proc. */
import { readFileSync } from "node:fs";

export type Role = "engine" | "node" | "host" | "command" | "git" | "other";

export interface Prey {
  pid: number;
  role: Role;
}

const mains: [string, Role][] = [
  ["/src/api/main.ts", "engine"],
  ["/src/node/main.ts", "node"],
  ["/src/node/host-main.ts", "host"],
];

/** `pids`: those that belong to the home. */
export function preyAmong(pids: readonly number[]): Prey[] {
  return pids.map((pid) => ({ pid, role: roleOf(pid) }));
}

function roleOf(pid: number): Role {
  const words = read(`/proc/${pid}/cmdline`).split("\0");
  const main = mains.find(([file]) => words.some((word) => word.endsWith(file)));
  if (main) return main[1];
  if (read(`/proc/${pid}/environ`).includes("\0GODEL_ATTEMPT=")) return "command";
  return words[0] === "git" ? "git" : "other";
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It ended meanwhile.
    return "";
  }
}

/** Answers whether there was one to hit. */
export function hit(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
