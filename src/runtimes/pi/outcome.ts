import type { Settled } from "../runtime.ts";
import { failed, finished } from "../settled.ts";
import { type Tally, textOf } from "./tally.ts";

export interface RunEnd {
  aborted: boolean;
  /** Whether the last model request failed as a request. */
  requestFailed: boolean;
  /** HTTP status of the last response, 0 when none came. */
  status: number;
  tally: Tally;
}

/** The gateway's answer to a request that the budget has no room for. */
const budgetSpent = 402;

/** How a settled session ended. An agent's own word for success is not enough: it must have been charged for. */
export function outcome({ aborted, requestFailed, status, tally }: RunEnd): Settled {
  const { usage, last } = tally;
  if (aborted) return failed("cancelled", "the agent was told to stop", usage);
  if (!last) return failed("agent-error", "the agent ended without an answer", usage);
  const detail = last.errorMessage ?? "";
  switch (last.stopReason) {
    case "error":
      if (!requestFailed) return failed("agent-error", detail, usage);
      return failed(status === budgetSpent ? "budget" : "provider", detail, usage);
    case "stop":
      if (usage.input + usage.output + usage.cacheRead === 0) {
        return failed("agent-error", "the model answered without any usage, so its answer is not trusted", usage);
      }
      return finished(textOf(last), usage);
    case "length":
      return failed("agent-error", `the answer was cut at the output limit: ${textOf(last)}`, usage);
    default:
      return failed("agent-error", `the agent ended with ${last.stopReason}: ${detail}`, usage);
  }
}
