import { readFileSync } from "node:fs";

/** How many files and sockets this process may have open at once; null where the system does not tell (only Linux does). */
export function maxOpenFiles(): number | null {
  try {
    const total = Number(/^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
    return Number.isNaN(total) ? null : total;
  } catch {
    return null;
  }
}
