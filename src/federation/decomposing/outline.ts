/** A repository in few lines, for a planner: what it must know to name real places, and no word of what files say. */
import type { MappedFile, RepoMap } from "../../model/repo-map.ts";

/** More lines would cost more than they tell. */
const maxLines = 2_000;
const maxNames = 20;

export function outline({ languages, packages, testCommands, entryPoints, files, total }: RepoMap): string[] {
  return [
    ...section(
      "LANGUAGES",
      languages.map(({ name, files: count }) => `${name} (${count} files)`),
    ),
    ...section(
      "PACKAGES",
      packages.map(({ name, dir }) => `${name} in ${dir || "."}`),
    ),
    ...section("TESTS", testCommands),
    ...section("ENTRY POINTS", entryPoints),
    ...places(files, total),
  ];
}

function section(title: string, entries: readonly string[]): string[] {
  if (entries.length === 0) return [];
  const more = entries.length > maxNames ? ` and ${entries.length - maxNames} more` : "";
  return [`${title}: ${entries.slice(0, maxNames).map(plain).join(", ")}${more}`];
}

/** Every file where they are few, else the folders as deep as they fit. */
function places(files: readonly MappedFile[], total: number): string[] {
  if (files.length <= maxLines && files.length === total) return ["FILES:", ...files.map(({ path }) => plain(path))];
  return [`FOLDERS, with how many of ${total} files:`, ...folders(files)];
}

function folders(files: readonly MappedFile[]): string[] {
  const dirs = files.map(({ path }) => path.split("/").slice(0, -1));
  const deepest = dirs.reduce((most, { length }) => Math.max(most, length), 1);
  let best: string[] = [];
  for (let depth = 1; depth <= deepest; depth++) {
    const counts = new Map<string, number>();
    for (const dir of dirs) {
      const name = dir.slice(0, depth).join("/") || ".";
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    if (counts.size > maxLines) break;
    best = [...counts].map(([dir, count]) => `${plain(dir)}/ ${count}`);
  }
  return best;
}

/** A name that could be taken for several lines is quoted. */
function plain(name: string): string {
  return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name) ? JSON.stringify(name) : name;
}
