import { unreachable } from "../lib/assert.ts";
import type { Command } from "../model/commands.ts";
import type { Event } from "../model/events.ts";
import { killAgent, pauseAgent, resumeAgent } from "./decide-agent.ts";
import { condemnHost, ejectAgent, noteAnomaly, quarantineTeam, suspectAgent, trustAgent } from "./decide-health.ts";
import { joinNode, loseNode, measureNode, suspectNode } from "./decide-node.ts";
import { acceptReport } from "./decide-report.ts";
import { cancelTask, reassignTask, retryTask } from "./decide-task.ts";
import {
  chargeTeam,
  createTeam,
  failTeam,
  killTeam,
  noteRedGates,
  pauseTeam,
  planTeam,
  raiseBudget,
  resumeTeam,
  scaleTeam,
  shareTeam,
  standIn,
} from "./decide-team.ts";
import type { Context } from "./options.ts";
import type { State } from "./state.ts";

/**
 * The facts that `command` causes, given `state`. Pure; the journal stores what it returns.
 * @throws GodelError when the caller asked for what cannot be.
 */
export function decide(state: State, command: Command, context: Context): Event[] {
  switch (command.type) {
    case "createTeam":
      return createTeam(state, command, context);
    case "planTeam":
      return planTeam(state, command, context);
    case "noteRedGates":
      return noteRedGates(state, command, context);
    case "failTeam":
      return failTeam(state, command, context);
    case "chargeTeam":
      return chargeTeam(state, command, context);
    case "raiseBudget":
      return raiseBudget(state, command, context);
    case "scaleTeam":
      return scaleTeam(state, command, context);
    case "standIn":
      return standIn(state, command, context);
    case "shareTeam":
      return shareTeam(state, command, context);
    case "pauseTeam":
      return pauseTeam(state, command.team, context);
    case "resumeTeam":
      return resumeTeam(state, command.team, context);
    case "killTeam":
      return killTeam(state, command.team, context);
    case "retryTask":
      return retryTask(state, command.task, context);
    case "cancelTask":
      return cancelTask(state, command.task, context);
    case "reassignTask":
      return reassignTask(state, command.task, context);
    case "killAgent":
      return killAgent(state, command.agent, context);
    case "pauseAgent":
      return pauseAgent(state, command.agent, context);
    case "resumeAgent":
      return resumeAgent(state, command.agent, context);
    case "joinNode":
      return joinNode(state, command, context);
    case "suspectNode":
      return suspectNode(state, command.node, context);
    case "loseNode":
      return loseNode(state, command, context);
    case "measureNode":
      return measureNode(state, command, context);
    case "acceptReport":
      return acceptReport(state, command, context);
    case "suspectAgent":
      return suspectAgent(state, command, context);
    case "trustAgent":
      return trustAgent(state, command, context);
    case "ejectAgent":
      return ejectAgent(state, command, context);
    case "condemnHost":
      return condemnHost(state, command, context);
    case "noteAnomaly":
      return noteAnomaly(state, command, context);
    case "quarantineTeam":
      return quarantineTeam(state, command, context);
    case "wake":
      return [];
    default:
      unreachable(command);
  }
}
