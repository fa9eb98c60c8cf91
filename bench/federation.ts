import { decisionFigures } from "./federation/decisions.ts";
import { partFigures } from "./federation/parts.ts";
import { waitFigures } from "./federation/waits.ts";
import type { Bench, BenchOptions, Figure } from "./harness.ts";

const parts: readonly ((options: BenchOptions) => Figure[])[] = [decisionFigures, partFigures, waitFigures];

export const bench: Bench = {
  name: "federation",
  about: "one decision of each strategy beside filter/map/sort, breakers, and waits in simulation",
  run: async (options) => parts.flatMap((part) => part(options)),
};
