/** Colour, or none. Every way out goes through one of these, so that no escape code reaches a file. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const start = "\u001b[";

export function paint(colour: boolean): Style {
  const code = (on: number, off: number) => (text: string) =>
    colour && text !== "" ? `${start}${on}m${text}${start}${off}m` : text;
  return {
    bold: code(1, 22),
    dim: code(2, 22),
    red: code(31, 39),
    green: code(32, 39),
    yellow: code(33, 39),
    cyan: code(36, 39),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what it looks for.
const escapes = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** Columns that `text` takes. Wide characters count as one: names and messages rarely hold any. */
export function widthOf(text: string): number {
  return [...text.replace(escapes, "")].length;
}

/** Plain `text` in at most `width` columns, on one line, with "…" where it was cut. */
export function cut(text: string, width: number): string {
  // What agents print must not move the cursor.
  const line = text
    .replace(escapes, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  const letters = [...line];
  return letters.length <= width ? line : `${letters.slice(0, Math.max(0, width - 1)).join("")}…`;
}

/** The same for text in colour: escape codes take no room and are all kept, so that colours end where they should. */
export function cutStyled(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const [first = "", ...parts] = text.split(start);
  let room = Math.max(0, width - 1);
  const take = (plain: string) => {
    const letters = [...plain].slice(0, room);
    room -= letters.length;
    return letters.join("");
  };
  const head = take(first);
  const rest = parts.map((part) => {
    const end = part.indexOf("m") + 1;
    return start + part.slice(0, end) + take(part.slice(end));
  });
  return `${head}${rest.join("")}…`;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - widthOf(text))) + text;
}
