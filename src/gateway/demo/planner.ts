import { isWorthwhile } from "./files.ts";

/** Tasks per wanted agent: enough to keep each busy, few enough to read. */
const tasksPerAgent = 5;
const defaultParallelism = 5;
const maxEntryNeeds = 10;

interface DemoTask {
  id: string;
  title: string;
  prompt: string;
  files: string[];
  needs: string[];
  diff: "optional";
}

interface DemoPlan {
  goal: string;
  tasks: DemoTask[];
  demands: { quote: string; tasks: string[] }[];
}

export function isPlanRequest(text: string): boolean {
  return /^\s*PLAN REQUEST\b/m.test(text);
}

/** A plan: one file a task, and building blocks (`_baseGet.js`) before what is named after them (`get.js`). */
export function planFor(text: string): DemoPlan {
  const parallelism = Number(/^\s*PARALLELISM:\s*(\d+)/m.exec(text)?.[1] ?? defaultParallelism);
  const files = choose(filesIn(text).filter(isWorthwhile), Math.max(1, parallelism) * tasksPerAgent);
  const goal = /^GOAL:\n([\s\S]*?)\nEND OF GOAL$/m.exec(text)?.[1] ?? "Replace var with const and let";
  const tasks = tasksFor(files);
  return { goal, tasks, demands: [{ quote: goal, tasks: tasks.map(({ id }) => id) }] };
}

function filesIn(text: string): string[] {
  const section = /^\s*FILES:[ \t]*\n([\s\S]*)$/m.exec(text)?.[1] ?? "";
  const files: string[] = [];
  for (const line of section.split("\n")) {
    const path = line.trim().replace(/^- /, "");
    if (path === "" || /^[A-Z ]+:/.test(path)) break;
    files.push(path);
  }
  return [...new Set(files)];
}

/** Files that belong together first, for a graph with edges; then the others in their order. */
function choose(files: string[], max: number): string[] {
  const byStem = new Map(files.filter((file) => !isBlock(file)).map((file) => [stem(file), file]));
  const pairs = files.filter(isBlock).flatMap((block) => {
    const user = byStem.get(stem(block));
    return user === undefined ? [] : [block, user];
  });
  return [...new Set([...pairs.slice(0, 2 * Math.floor(max / 6)), ...files])].slice(0, max);
}

function tasksFor(files: string[]): DemoTask[] {
  const ids = uniqueIds(files);
  return files.map((file) => ({
    id: ids.get(file) ?? file,
    title: `Modernise ${file}`,
    prompt: `Replace \`var\` with \`const\` or \`let\` in \`${file}\` wherever that is safe, and check that it still parses.`,
    files: [file],
    needs: needsOf(file, files).map((need) => ids.get(need) ?? need),
    diff: "optional",
  }));
}

/** Blocks come before what is named after them, and an entry file after (some of) the rest of its folder. */
function needsOf(file: string, files: string[]): string[] {
  if (isBlock(file)) return [];
  if (!isEntry(file)) return files.filter((each) => isBlock(each) && stem(each) === stem(file));
  return files.filter((each) => folderOf(each) === folderOf(file) && !isEntry(each)).slice(0, maxEntryNeeds);
}

function isEntry(path: string): boolean {
  return /^(?:index|main)$/.test(baseName(path));
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.[cm]?js$/, "");
}

/** `_baseGet` and `_get` are blocks of `get`. */
function isBlock(path: string): boolean {
  return baseName(path).startsWith("_");
}

/** The folder and the name without its prefix: the same for a block and what is built of it. */
function stem(path: string): string {
  return (
    folderOf(path) +
    baseName(path)
      .replace(/^_(?:base)?/, "")
      .toLowerCase()
  );
}

function uniqueIds(files: string[]): Map<string, string> {
  const ids = new Map<string, string>();
  const used = new Set<string>();
  for (const file of files) {
    const plain = file
      .replace(/\.[cm]?js$/, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "");
    const start = plain.slice(-50).replace(/^-+/, "") || "file";
    let id = start;
    for (let i = 2; used.has(id); i++) id = `${start}-${i}`;
    used.add(id);
    ids.set(file, id);
  }
  return ids;
}
