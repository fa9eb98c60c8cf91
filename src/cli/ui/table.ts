import { cut, padEnd, padStart, type Style, widthOf } from "./style.ts";

export interface Column<T> {
  title: string;
  /** The cell, in colour if need be. */
  cell(row: T): string;
  align?: "left" | "right";
  /** Gives way when the table does not fit; one column at most. Its cells are plain text. */
  flexible?: boolean;
}

const gap = "  ";
const minFlexible = 12;

/** Aligned columns under their titles; ends with a newline. Nothing is cut where `width` is infinite. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], width: number, style: Style): string {
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => widthOf(row[i] ?? ""))));
  shrink(widths, columns, width);
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => fit(cell, widths[i] ?? 0, columns[i]))
      .join(gap)
      .trimEnd();
  const head = style.dim(line(columns.map(({ title }) => title)));
  return `${[head, ...cells.map(line)].join("\n")}\n`;
}

function shrink<T>(widths: number[], columns: readonly Column<T>[], width: number): void {
  const flexible = columns.findIndex((column) => column.flexible);
  const total = widths.reduce((sum, w) => sum + w, gap.length * (widths.length - 1));
  if (flexible < 0 || total <= width) return;
  widths[flexible] = Math.max(minFlexible, (widths[flexible] ?? 0) - (total - width));
}

function fit<T>(cell: string, width: number, column: Column<T> | undefined): string {
  const text = column?.flexible ? cut(cell, width) : cell;
  return column?.align === "right" ? padStart(text, width) : padEnd(text, width);
}

/** `name  value` lines, the names aligned; pairs with an empty value are left out. */
export function facts(pairs: readonly (readonly [name: string, value: string])[], style: Style): string {
  const shown = pairs.filter(([, value]) => value !== "");
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `  ${style.dim(padEnd(name, width))}  ${value}\n`).join("");
}
