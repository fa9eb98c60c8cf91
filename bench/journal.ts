import type { Bench, BenchOptions, Figure } from "./harness.ts";
import { appendFigures } from "./journal/append.ts";
import { loopFigures } from "./journal/loop.ts";
import { replayFigures } from "./journal/replay.ts";

/** Run one after another, each in a folder of its own; a part that measures something else is added here. */
const parts: readonly ((options: BenchOptions) => Promise<Figure[]>)[] = [appendFigures, replayFigures, loopFigures];

export const bench: Bench = {
  name: "journal",
  about: "durable appends and the loop beside raw writes with fdatasync, replay beside JSON lines",
  async run(options) {
    const figures: Figure[] = [];
    for (const part of parts) figures.push(...(await part(options)));
    return figures;
  },
};
