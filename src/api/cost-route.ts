import type { Engine } from "../engine/engine.ts";
import { GodelError } from "../lib/errors.ts";
import { didYouMean } from "../lib/nearest.ts";
import { addUsage, noUsage } from "../model/usage.ts";
import { type CostBy, type CostReport, costSplits } from "./cost-wire.ts";
import { costRows, tokensOf } from "./costs.ts";
import { findTeam } from "./look-up.ts";
import type { Serve } from "./serve.ts";

/** What was spent, by one team or by all. */
export function addCostRoute(serve: Serve, engine: Engine): void {
  serve("getCosts", async ({ query }) => {
    const by = splitOf(query.by ?? "task");
    const { state, teams } = await named(engine, query.team);
    const { costUsd, requests, ...tokens } = teams.map(({ usage }) => usage).reduce(addUsage, noUsage);
    const total = { requests, costUsd, tokens: tokensOf({ costUsd, requests, ...tokens }) };
    return { by, items: costRows(state, teams, by), total } satisfies CostReport;
  });
}

async function named(engine: Engine, name: string | undefined) {
  if (name === undefined) return { state: engine.state, teams: [...engine.state.teams.values()] };
  const { state, team } = await findTeam(engine, name);
  return { state, teams: [team] };
}

function splitOf(by: string): CostBy {
  const known = costSplits.find((split) => split === by);
  if (known) return known;
  throw new GodelError(
    "REQUEST_INVALID",
    `costs are split by ${costSplits.join(", ")}, not by "${by}".${didYouMean(by, costSplits)}`,
  );
}
