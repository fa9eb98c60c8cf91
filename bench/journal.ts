import type { Bench, BenchOptions, Figure } from "./harness.ts";
import { appendFigures } from "./journal/append.ts";
import { replayFigures } from "./journal/replay.ts";

/** Run one after another, each in a folder of its own; a part that measures something else is added here. */
const parts: readonly ((options: BenchOptions) => Promise<Figure[]>)[] = [appendFigures, replayFigures];

export const bench: Bench = {
  name: "journal",
  about: "durable appends beside raw writes with fdatasync, and replay beside JSON lines",
  async run(options) {
    const figures: Figure[] = [];
    for (const part of parts) figures.push(...(await part(options)));
    return figures;
  },
};
