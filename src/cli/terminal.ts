/** What a command writes to: text out, and what the other end can show. */
import { paint, type Style } from "./ui/style.ts";

export interface Output {
  /** Writes as it is. */
  write(text: string): void;
  /** A person looks at it: text may be redrawn and cut to fit. */
  live: boolean;
  /** Columns to fit in; infinite where nobody looks. */
  width: number;
  height: number;
  style: Style;
}

/** `stream` as a command sees it: no colour where NO_COLOR is set, nothing live on a terminal that cannot move. */
export function outputOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Output {
  const live = stream.isTTY === true && env.TERM !== "dumb";
  return {
    write: (text) => void stream.write(text),
    live,
    get width() {
      return live ? stream.columns || 80 : Number.POSITIVE_INFINITY;
    },
    get height() {
      return stream.rows || 24;
    },
    style: paint(live && !env.NO_COLOR),
  };
}
