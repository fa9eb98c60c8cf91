import type { TeamStatus } from "../../../src/api/wire.ts";
import { usd } from "../format.ts";

type Money = Pick<TeamStatus["cost"], "spentUsd" | "reservedUsd" | "budgetUsd" | "forecastUsd">;

/** What is spent and reserved of a budget, and where the work will end by what it has cost so far. Nothing without a budget. */
export function BudgetBar({ cost: { spentUsd, reservedUsd, budgetUsd, forecastUsd } }: { cost: Money }) {
  if (budgetUsd === null || budgetUsd === 0) return null;
  const whole = Math.max(budgetUsd, forecastUsd ?? 0);
  const share = (usdOf: number) => `${Math.min(100, (100 * usdOf) / whole)}%`;
  const over = forecastUsd !== null && forecastUsd > budgetUsd;
  const told = [
    `${usd(spentUsd)} spent`,
    `${usd(reservedUsd)} reserved`,
    `budget ${usd(budgetUsd)}`,
    ...(forecastUsd === null ? [] : [`${usd(forecastUsd)} in the end`]),
  ];
  return (
    <figure className="budget">
      <div className="budget-bar" role="img" aria-label={told.join(", ")}>
        <i className="spent" style={{ width: share(spentUsd) }} />
        <i className="reserved" style={{ width: share(reservedUsd) }} />
        {forecastUsd !== null && (
          <i className={over ? "forecast over" : "forecast"} style={{ left: share(forecastUsd) }} />
        )}
        {over && <i className="limit" style={{ left: share(budgetUsd) }} />}
      </div>
      <figcaption className="row">
        <span className="dim">
          {usd(spentUsd)} spent, {usd(reservedUsd)} reserved
        </span>
        <span className={over ? "warn" : "dim"}>
          {forecastUsd === null
            ? "no forecast yet"
            : over
              ? `by the forecast ${usd(forecastUsd - budgetUsd)} too little`
              : `${usd(forecastUsd)} in the end, of ${usd(budgetUsd)}`}
        </span>
      </figcaption>
    </figure>
  );
}
