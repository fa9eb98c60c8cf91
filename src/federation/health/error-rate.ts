/**
 * Whether an agent fails more often than its peers.
 *
 * What is normal is the mean of a Beta distribution over the outcomes of the *other* agents of its model, so that a bad
 * provider accuses nobody. The agent's own outcomes then run through a CUSUM that tests for four times those odds.
 * Source: Page, "Continuous Inspection Schemes", Biometrika 1954; for yes-or-no outcomes Reynolds and Stoumbos, "A CUSUM
 * Chart for Monitoring a Proportion When Inspecting Continuously", Journal of Quality Technology 1999.
 */
import type { Evidence } from "./evidence.ts";
import type { HealthOptions } from "./options.ts";

export interface Outcomes {
  successes: number;
  failures: number;
}

export interface OwnErrors extends Outcomes {
  cusum: number;
}

const oddsRatio = 4;
/** Before anything is known, one attempt in ten fails: Beta(1, 9). */
const prior = { failures: 1, successes: 9 };

/** Books an outcome in place, for the agent and its peers. What it shows, if anything; the sum then starts anew. */
export function lookAtOutcome(
  own: OwnErrors,
  peers: Outcomes,
  failed: boolean,
  { errorThreshold }: HealthOptions,
): Evidence | null {
  own[failed ? "failures" : "successes"]++;
  peers[failed ? "failures" : "successes"]++;
  const normal = peerRate(own, peers);
  const bad = (oddsRatio * normal) / (1 - normal + oddsRatio * normal);
  const ratio = failed ? bad / normal : (1 - bad) / (1 - normal);
  own.cusum = Math.max(0, own.cusum + Math.log(ratio));
  if (own.cusum <= errorThreshold) return null;
  const figures = { cusum: own.cusum, failures: own.failures, successes: own.successes, peerRate: normal };
  own.cusum = 0;
  const detail = `${own.failures} of ${own.failures + own.successes} attempts failed; its peers fail ${Math.round(normal * 100)}%`;
  return { signal: "errors", detail, figures };
}

function peerRate(own: Outcomes, peers: Outcomes): number {
  const failures = prior.failures + peers.failures - own.failures;
  const successes = prior.successes + peers.successes - own.successes;
  return Math.min(0.9, Math.max(0.02, failures / (failures + successes)));
}
