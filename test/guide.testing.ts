/**
 * Guides as programs: what their blocks tell CI to do, and how shown output is compared with real output.
 *
 *     ```sh run           the block is run with `sh -e`; `exit=N` says that it ends with N
 *     ```text             right after it: lines that it prints, in this order; others may come between
 *     ```yaml file=NAME   the block is in the file NAME before the first command
 *
 * A shown line that ends in … stands for its beginning; … alone stands for lines left out.
 */

export type Step =
  | { type: "file"; name: string; text: string }
  | { type: "run"; script: string; exit: number; shown: string[]; line: number };

/** Fenced blocks: the words after the fence, what is inside, and what stands before the next fence. */
const fenced = /^```(\w+)([^\n]*)\n([\s\S]*?)^```$(\s*(?=^```text$))?/gm;

/** The marked blocks of a guide, in order. */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  let shownOf: string[] | null = null;
  for (const { 1: language, 2: words = "", 3: text = "", 4: followed, index } of markdown.matchAll(fenced)) {
    const file = /\bfile=(\S+)/.exec(words)?.[1];
    if (language === "text" && shownOf) shownOf.push(...text.split("\n").filter((line) => line.trim() !== ""));
    else if (file !== undefined) steps.push({ type: "file", name: file, text });
    const runs = language === "sh" && /\brun\b/.test(words);
    const shown: string[] = [];
    shownOf = runs && followed !== undefined ? shown : null;
    if (!runs) continue;
    const exit = Number(/\bexit=(\d+)/.exec(words)?.[1] ?? 0);
    steps.push({ type: "run", script: text, exit, shown, line: markdown.slice(0, index).split("\n").length });
  }
  return steps;
}

/** The first shown line that does not come in `output` after those before it; undefined when all do. */
export function missingLine(shown: readonly string[], output: string): string | undefined {
  const lines = output.split("\n").map(masked);
  return shown.find((line) => {
    if (line.trim() === "…") return false;
    const at = lines.findIndex((real) => fits(masked(line), real));
    if (at >= 0) lines.splice(0, at + 1);
    return at < 0;
  });
}

function fits(shown: string, real: string): boolean {
  return shown.endsWith("…") ? real.startsWith(shown.slice(0, -1).trimEnd()) : shown === real;
}

/** What differs from run to run made alike: ids, commits, times, figures and the width of columns. */
function masked(line: string): string {
  return line
    .replace(/\bt(?:[0-9a-z]{7}|[0-9a-z]{12})(?=[-/])/g, "ID")
    .replace(/\b[0-9a-f]{7,40}\b/g, "COMMIT")
    .replace(/\b\d[\d.]* (?:ms|s|m|h)\b(?: \d+ [sm]\b)?/g, "TIME")
    .replace(/\d[\d.,]*[kM]?/g, "#")
    .replace(/\s+/g, " ")
    .trim();
}
