import type { Bench } from "./harness.ts";
import { decisionFigures } from "./routing/decisions.ts";
import { graphFigures } from "./routing/graph.ts";
import { partFigures } from "./routing/parts.ts";
import { selectionFigures } from "./routing/selection.ts";
import { waitFigures } from "./routing/waits.ts";

export const bench: Bench = {
  name: "routing",
  about:
    "one decision of the selector and of each strategy, breakers, task graphs, each beside its peers; waits in simulation",
  run: async (options) => [
    ...selectionFigures(options),
    ...decisionFigures(options),
    ...(await partFigures(options)),
    ...graphFigures(options),
    ...waitFigures(options),
  ],
};
