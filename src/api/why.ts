import { isOutage } from "../engine/retry-budget.ts";
import { whyFull } from "../engine/rooms.ts";
import { isForOthers } from "../engine/selecting.ts";
import { outOfMoney } from "../engine/settle.ts";
import { heldBack } from "../engine/standing.ts";
import { currentAttempt, type State, taskOf, teamIndex, teamOf } from "../engine/state.ts";
import { missingSkills } from "../federation/agent-selector.ts";
import { iso } from "../lib/clock.ts";
import type { Parked } from "../model/parked.ts";
import type { Attempt, Task } from "../model/records.ts";
import { agentEnded, taskEnded } from "../model/states.ts";
import { tokenCount } from "../model/usage.ts";
import { choiceText, whoIsOut } from "./choices.ts";
import type { LiveAgents } from "./views.ts";
import type { Why } from "./wire.ts";

/** The true reason why a task is where it is, read off the same state that decides. */
export function why(state: State, task: Task, live: LiveAgents): Why {
  return { task: task.id, state: task.state, because: because(state, task, live), facts: facts(state, task) };
}

function whyParked({ why: reason, until }: Parked): string {
  return until === null ? reason : `${reason}, until ${iso(until)}`;
}

function whatItDoes(attempt: Attempt | undefined, { activities }: LiveAgents): string {
  const doing = activities.get(attempt?.agent ?? "") ?? "";
  return `works on attempt ${attempt?.number}${doing === "" ? "" : `: ${doing}`}`;
}

/** Of a task that a person took from an agent, once it is under way again. */
function whoseItWas({ takenFrom }: Task, attempt: Attempt | undefined): string {
  if (takenFrom === undefined) return "";
  if (takenFrom === attempt?.agent) return "; a person took it from this agent, but no other could have it";
  return `; a person took it from agent ${takenFrom}`;
}

function because(state: State, task: Task, live: LiveAgents): string {
  const attempt = currentAttempt(state, task);
  switch (task.state) {
    case "blocked":
      return `it waits for ${task.openNeeds} of its ${task.needs.length} needs`;
    case "queued":
      return whyQueued(state, task);
    case "running": {
      const parked = live.parkedOf(task.team).find((each) => each.attempt === attempt?.id);
      const doing = parked ? `waits for its provider: ${whyParked(parked)}` : whatItDoes(attempt, live);
      const suspicion = state.agents.get(attempt?.agent ?? "")?.suspicion;
      const doubt = suspicion ? `; it is suspect: ${suspicion.detail}` : "";
      return `agent ${attempt?.agent} ${doing}${doubt}${whoseItWas(task, attempt)}`;
    }
    case "verifying":
      return `the gates of attempt ${attempt?.number} run`;
    case "merging":
      return `attempt ${attempt?.number} passed its gates and waits for its turn to merge`;
    case "done":
      return `attempt ${task.attempts.length} passed its gates and was merged as ${task.commit?.slice(0, 12)}`;
    case "failed":
      if (task.failure?.reason === "quarantined")
        return `${task.failure.detail}; \`godel task retry\` tries it again, alone`;
      return `it was given up after ${task.attempts.length} attempts: ${task.failure?.reason}`;
    case "cancelled":
      return "it was cancelled by a person, or its team was killed";
    case "skipped":
      return whySkipped(state, task);
  }
}

/** The chain of needs down to the one that ended by itself, and why it did. */
function whySkipped(state: State, task: Task): string {
  const chain: string[] = [];
  let cause = task;
  while (cause.state === "skipped") {
    const need = cause.needs
      .map((id) => taskOf(state, id))
      .find((each) => each.state !== "done" && taskEnded(each.state));
    if (!need) return cause.failure?.detail ?? "a need of it did not get done";
    chain.push(`it needs ${need.key}`);
    cause = need;
  }
  const how = cause.state === "failed" ? `failed: ${cause.failure?.reason}` : "was cancelled";
  return `${chain.join(", ").replaceAll(", it needs", ", which needs")}, which ${how}`;
}

function whyQueued(state: State, task: Task): string {
  const team = teamOf(state, task.team);
  const index = teamIndex(state, task.team);
  if (team.state === "paused") return `team ${team.name} is paused`;
  if (outOfMoney(team)) return "the team's budget is spent";
  const outage = task.failure && isOutage(task.failure) ? ", as retries after an outage go by turns" : "";
  if (task.notBefore > state.at)
    return `it failed ${task.failures} times and is tried again at ${iso(task.notBefore)}${outage}`;
  const conflict = index.claims.conflict(task.files);
  if (conflict) return `it waits for task ${taskOf(state, conflict.holder).key}, which works on ${conflict.pattern}`;
  if (task.isolated) {
    const hosts = task.deaths?.hosts ?? 0;
    return `${hosts} hosts died while they worked on it, so it waits for an agent that is alone in its host`;
  }
  const up = [...state.nodes.values()].filter((node) => node.state === "up");
  if (up.length > 0 && up.every(({ pressure }) => pressure)) return `no node takes new work: ${up[0]?.pressure?.why}`;
  const full =
    up.length > 0
      ? whyFull(
          state,
          up.map(({ id }) => id),
        )
      : null;
  if (full !== null) return `it waits for memory: ${full}`;
  const agents = [...state.agents.values()].filter((agent) => agent.team === task.team && !agentEnded(agent.state));
  if (agents.length === 0) return "the team has no agents yet";
  const able = agents.filter((agent) => missingSkills(task.skills, agent.skills).length === 0);
  if (able.length === 0) return `no agent has all of its skills: ${task.skills.join(", ")}`;
  if (isForOthers(state, index, task, state.at)) {
    const others = able.filter(({ id }) => id !== task.takenFrom);
    const busy = others.filter(({ attempt }) => attempt !== null).length;
    return `a person took it from agent ${task.takenFrom}, so it waits for another: ${busy} of ${others.length} that could do it at work`;
  }
  const held = heldBack(state, index, state.at);
  if (held > 0 && held === index.idle.size) {
    return `${held === 1 ? "the agent that is free gets" : `the ${held} agents that are free get`} no work for a while, for how they have done; see \`godel team status\``;
  }
  if (index.idle.size > 0) return "gates and merges of finished work come first";
  const paused = able.filter((agent) => agent.state === "paused").length;
  const suspect = able.filter((agent) => agent.state === "suspect").length;
  const busy = able.filter(
    ({ attempt, state }) => attempt !== null && state !== "paused" && state !== "suspect",
  ).length;
  const rest = `${paused} paused, ${suspect} suspect, ${able.length - busy - paused - suspect} starting or leaving`;
  const scaling = team.scaling ? `; size: ${team.scaling.why}` : "";
  return `all ${able.length} agents that could do it are taken (${busy} at work, ${rest})${scaling}`;
}

function facts(state: State, task: Task): string[] {
  const open = task.needs.map((need) => taskOf(state, need)).filter((need) => need.state !== "done");
  const waits = open.map((need) => `needs ${need.key}, which is ${need.state}`);
  const out = task.state === "queued" ? whoIsOut(state, task) : "";
  const history = task.attempts.map((id) => {
    const attempt = state.attempts.get(id);
    const cause = attempt?.failure ? ` (${attempt.failure.reason}: ${firstLine(attempt.failure.detail)})` : "";
    return `attempt ${attempt?.number} by ${attempt?.agent}: ${attempt?.state}${cause}${resumed(state, attempt)}${chosen(attempt)}`;
  });
  return [...waits, ...(out === "" ? [] : [out]), ...history];
}

function chosen(attempt: Attempt | undefined): string {
  return attempt?.choice ? `; its agent was ${choiceText(attempt.choice)}` : "";
}

function resumed(state: State, attempt: Attempt | undefined): string {
  const { resumption } = attempt ?? {};
  if (!resumption) return "";
  const from = `attempt ${state.attempts.get(resumption.from)?.number}`;
  if ("refused" in resumption) return `; from the start, as it could not go on from ${from}: ${resumption.refused}`;
  return `; went on in the session of ${from}, which saved ${tokenCount(resumption.saved)} tokens`;
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]?.slice(0, 200) ?? "";
}
