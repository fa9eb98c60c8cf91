import type { Bench } from "./harness.ts";
import { alarmFigures } from "./health/alarms.ts";
import { noticeFigures } from "./health/notice.ts";
import { sweepFigures } from "./health/sweep.ts";

export const bench: Bench = {
  name: "health",
  about: "one sweep of the health monitor, how soon a stopped agent is noticed, and false alarms, in virtual time",
  run: async (options) => [...sweepFigures(options), ...noticeFigures(options), ...alarmFigures(options)],
};
