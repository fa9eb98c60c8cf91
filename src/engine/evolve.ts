import type { Event } from "../model/events.ts";
import { type AgentOrNodeEvent, evolveAgent } from "./evolve-agent.ts";
import { evolveAttempt } from "./evolve-attempt.ts";
import { evolveAllowance } from "./evolve-money.ts";
import { evolveTeam, type TeamOrTaskEvent } from "./evolve-team.ts";
import type { State } from "./state.ts";

/**
 * Applies one event. Replay calls this alone, so it decides nothing and reads nothing but its arguments.
 * It changes `state` in place (a copy per event would cost more than the fleet) and asserts every move of a state.
 */
export function evolve(state: State, event: Event): void {
  if (event.at > state.at) state.at = event.at;
  switch (event.type) {
    case "leaderElected":
      state.epoch = BigInt(event.epoch);
      return;
    case "allowanceGranted":
    case "allowanceRecalled":
      return evolveAllowance(state, event);
    case "attemptLeased":
    case "attemptStarted":
    case "attemptVerifying":
    case "attemptMerging":
    case "attemptEnded":
    case "attemptSpent":
      return evolveAttempt(state, event);
    default:
      if (/^(?:agent|node|host)/.test(event.type)) {
        return evolveAgent(state, event as AgentOrNodeEvent);
      }
      return evolveTeam(state, event as TeamOrTaskEvent);
  }
}
