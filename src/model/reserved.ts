import type { TeamId } from "./records.ts";

/** Money that requests under way may still cost; shown, never journaled. */
export interface Reserved {
  team: TeamId;
  usd: number;
}
