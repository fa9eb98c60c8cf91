import type { Step } from "./conversation.ts";

/** Longest file that is rewritten, in characters: it travels twice in each later request. */
const maxChars = 256_000;

/** The file as the `read` steps so far show it. */
export type Reading =
  | { state: "whole"; text: string }
  | { state: "cut"; offset: number }
  | { state: "refused"; why: string };

/** pi's read tool shows at most 2,000 lines or 50 KB, and says after a blank line where to go on. */
const notice =
  /\n\n\[(?:Showing lines \d+-\d+ of \d+[^\]]*|\d+ more lines in file)\. Use offset=(\d+) to continue\.\]$/;
const lineTooLong = /^\[Line \d+ is [^\]]*exceeds [^\]]*limit\./;

/** Never a whole from a cut text: either all pieces are there, in order, or the answer is `cut` or `refused`. */
export function joinReads(steps: readonly Step[]): Reading {
  const pieces: string[] = [];
  let offset: number | undefined;
  for (const step of steps) {
    if (step.tool !== "read") break;
    if (lineTooLong.test(step.result)) return { state: "refused", why: "a line of it is too long to be read whole" };
    if ((step.args.offset ?? 1) !== (offset ?? 1)) return { state: "refused", why: "its pieces do not fit together" };
    const more = notice.exec(step.result);
    pieces.push(more ? step.result.slice(0, more.index) : step.result);
    offset = more ? Number(more[1]) : undefined;
  }
  if (pieces.reduce((sum, piece) => sum + piece.length, 0) > maxChars) {
    return { state: "refused", why: `it is longer than the ${maxChars} characters that I rewrite` };
  }
  return offset === undefined ? { state: "whole", text: pieces.join("\n") } : { state: "cut", offset };
}
