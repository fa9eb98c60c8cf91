/** What a bench is, and how its figures are shown. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { cpus, release, tmpdir, totalmem, type } from "node:os";
import { join } from "node:path";

export interface BenchOptions {
  /** A shorter run, for a first look: fewer rounds, less data. */
  quick: boolean;
  /** A run long enough for what only time shows, as memory that grows; for benches that know one. */
  long: boolean;
  /** Of everything that is drawn by chance, so that two runs do the same work. */
  seed: number;
}

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What was promised; null where a figure is only for comparing. */
  aim: Aim | null;
  /** Others measured in the same run, in the same unit. */
  beside: { name: string; value: number }[];
}

export type Aim = { below: number } | { above: number };

/** What each `bench/NAME.ts` exports as `bench`. */
export interface Bench {
  name: string;
  about: string;
  run(options: BenchOptions): Promise<Figure[]>;
}

export function aimText(aim: Aim | null): string {
  if (aim === null) return "";
  return "below" in aim ? `< ${rounded(aim.below)}` : `> ${rounded(aim.above)}`;
}

export function isMet({ aim, value }: Figure): boolean {
  if (aim === null) return true;
  return "below" in aim ? value < aim.below : value > aim.above;
}

/** One line of JSON. Beyond the documented fields, `met` says whether the aim was. */
export function toJson(bench: Bench, options: BenchOptions, figures: readonly Figure[]): string {
  const shown = figures.map((figure) => ({ ...figure, aim: aimText(figure.aim) || null, met: isMet(figure) }));
  return JSON.stringify({
    bench: bench.name,
    commit: commit(),
    machine: machine(),
    seed: options.seed,
    figures: shown,
  });
}

/** An aligned table; a figure that missed its aim says so. */
export function toTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    rounded(figure.value),
    figure.unit,
    figure.aim === null ? "" : `aim ${aimText(figure.aim)}: ${isMet(figure) ? "met" : "MISSED"}`,
    figure.beside.map(({ name, value }) => `${name} ${rounded(value)}`).join(", "),
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? "").length)));
  const pad = (cell: string, column: number) =>
    column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** Three significant digits, and never fewer than the whole part has. */
export function rounded(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 6) });
}

export function commit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "-uno") === "" ? "" : "+changes");
  } catch {
    return "unknown";
  }
}

export function machine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = processors[0]?.model.trim() ?? "unknown";
  return `${processors.length} x ${model}, ${memory} GB, ${type()} ${release()}, Node ${process.versions.node}`;
}

const tmpfs = 0x01021994;

/** Runs `work` in a folder of its own under TMPDIR, which should be on a disk: memory would flatter a journal. */
export async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "godel-bench-"));
  if (statfsSync(folder).type === tmpfs) {
    process.stderr.write(
      `note: ${tmpdir()} is in memory, so nothing here waits for a disk; set TMPDIR to one that is not.\n`,
    );
  }
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The value below which `share` of `values` lie. Sorts a copy. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
