/** What a team is due beside others where all of them want more than there is: agents, and turns at a provider. */
import { GodelError } from "../lib/errors.ts";
import { inRange } from "../lib/options.ts";

export interface Share {
  /** Parts for each part of a team of weight 1. Default 1, from 0.1 to 100. */
  weight: number;
  /** A higher one comes first, though none is left with nothing. A whole number, default 0, from -10 to 10. */
  priority: number;
}

export const evenShare: Share = { weight: 1, priority: 0 };

/** The lowest and the highest of each. */
export const shareRange = { weight: [0.1, 100], priority: [-10, 10] } as const;

/** What a team that says nothing of it is due. */
export function shareOf({ share }: { share?: Share | undefined }): Share {
  return share ?? evenShare;
}

/** @throws GodelError OPTION_RANGE */
export function checkShare({ weight, priority }: Share): Share {
  inRange("weight", weight, ...shareRange.weight);
  inRange("priority", priority, ...shareRange.priority);
  if (!Number.isInteger(priority)) throw new GodelError("OPTION_RANGE", `priority is a whole number, got ${priority}.`);
  return { weight, priority };
}
