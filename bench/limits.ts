import type { Bench } from "./harness.ts";
import { outageFigures, stormFigures } from "./limits/storms.ts";

export const bench: Bench = {
  name: "limits",
  about:
    "a storm of 429s on one account and a provider that is down for a minute, by the shipped limiter in virtual time",
  run: async (options) => [...(await stormFigures(options)), ...(await outageFigures(options))],
};
