import type { Bench } from "./harness.ts";
import { alarmFigures } from "./health/alarms.ts";
import { deathFigures } from "./health/deaths.ts";
import { noticeFigures } from "./health/notice.ts";
import { sweepFigures } from "./health/sweep.ts";

export const bench: Bench = {
  name: "health",
  about:
    "how soon a killed, a stopped and a stalled agent is noticed, false alarms, and one sweep of the health monitor",
  run: async (options) => [
    ...(await deathFigures(options)),
    ...noticeFigures(options),
    ...alarmFigures(options),
    ...sweepFigures(options),
  ],
};
