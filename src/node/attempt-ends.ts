/** How an attempt may end on its node, as it is reported; the attempt's id and commit are filled in when it is sent. */
import { parse } from "yaml";
import { messageOf } from "../lib/errors.ts";
import type { Report } from "../model/link.ts";
import { checkPlan, splitFile } from "../model/plan.ts";
import type { Failure } from "../model/records.ts";
import type { Settled } from "../runtimes/index.ts";

/** The parts that the agent left, if they are a plan; what is wrong with them goes to the next attempt. */
export function splitInto(text: string): Report {
  try {
    return { type: "attemptSplit", attempt: "", parts: checkPlan(parse(text)), commit: null };
  } catch (error) {
    return failedWith({ reason: "split-refused", detail: `${splitFile}: ${messageOf(error)}` });
  }
}

/** Its last turn was had: what it says of itself is in the transcript, and its work is kept. */
export function outOfBudget(settled: Settled): Failure {
  const detail = "the budget was used up; the agent was given a last turn to say what is done and what is missing";
  return { reason: "budget", detail: settled.ok ? detail : settled.failure.detail };
}

export const cancelled: Report = { type: "attemptCancelled", attempt: "", commit: null };

export function failedWith(failure: Failure): Report {
  return { type: "attemptFailed", attempt: "", failure, commit: null };
}
