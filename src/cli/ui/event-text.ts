import type { StreamFrame } from "../../api/wire.ts";
import { isFields } from "../../lib/json.ts";
import type { Style } from "./style.ts";

type WireEvent = Extract<StreamFrame, { type: "event" }>["event"];

/** The events worth a line; "" for the many that the totals show already. */
export function eventText(event: WireEvent, style: Style): string {
  const task = keyOf(event.task);
  switch (event.type) {
    case "taskDone":
      return `${style.green("✓")} ${task} merged ${style.dim(String(event.commit ?? "").slice(0, 7))}`;
    case "taskFailed":
      return `${style.red("✗")} ${task} failed: ${failureOf(event.failure)}`;
    case "taskIsolated":
      return `${style.yellow("!")} ${task} was in hosts that died: it works alone from now on`;
    case "taskCleared":
      return `${style.green("✓")} ${task} does not kill its hosts`;
    case "taskSkipped":
      return `${style.yellow("-")} ${task} skipped, for ${keyOf(event.because)} did not get done`;
    case "taskCancelled":
      return `${style.yellow("-")} ${task} cancelled`;
    case "attemptEnded":
      return attemptText(event, style);
    case "agentLost":
      return `${style.yellow("!")} agent ${shortAgent(String(event.agent))} lost: ${event.reason}`;
    case "agentSuspected":
      return `${style.yellow("!")} agent ${shortAgent(String(event.agent))} is suspect: ${detailOf(event.evidence)}`;
    case "agentEjected":
      return `${style.yellow("!")} agent ${shortAgent(String(event.agent))} was set aside: ${event.reason}`;
    case "agentHeld":
      return `${style.yellow("!")} agent ${shortAgent(String(event.agent))} gets no work for a while: ${detailOf(event.evidence)}`;
    case "teamQuarantined":
      return `${style.yellow("!")} no agent is started for a while: ${detailOf(event.evidence)}`;
    case "agentStopped":
      return event.failed ? `${style.yellow("!")} agent ${shortAgent(String(event.agent))}: ${event.reason}` : "";
    case "teamBudgetReached":
      return `${style.yellow("!")} ${event.percent}% of the budget is spent`;
    case "teamStoodIn":
      return event.model === null ? "" : `${style.cyan("↪")} may use ${event.model} while its own providers are out`;
    case "teamScaled":
      return `${style.cyan("↕")} scaled to ${event.desired}`;
    default:
      return "";
  }
}

/** Accepted ones are told by their task. */
function attemptText(event: WireEvent, style: Style): string {
  if (event.state === "accepted" || event.state === "cancelled") return "";
  const [, number] = /\/(\d+)$/.exec(String(event.attempt)) ?? [];
  const task = keyOf(String(event.attempt).replace(/\/\d+$/, ""));
  return `${style.yellow("↻")} ${task} attempt ${number}: ${failureOf(event.failure) || event.state}`;
}

function failureOf(failure: unknown): string {
  if (!isFields(failure)) return "";
  const [first = ""] = String(failure.detail ?? "").split("\n");
  return first === "" ? String(failure.reason) : `${failure.reason}: ${first}`;
}

function detailOf(evidence: unknown): string {
  return isFields(evidence) ? String(evidence.detail) : "";
}

/** `TEAM_ID/KEY` as the plan calls it. */
export function keyOf(task: unknown): string {
  return String(task ?? "").replace(/^[^/]*\//, "");
}

/** `TEAM_ID-aN` as `aN`, where the team is known. */
export function shortAgent(agent: string): string {
  return agent.replace(/^.*-(a\d+)$/, "$1");
}
