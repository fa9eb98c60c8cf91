import { unreachable } from "../lib/assert.ts";
import { messageOf } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Order, Report, TeamBrief } from "../model/link.ts";
import type { TeamId } from "../model/records.ts";
import type { Reserved } from "../model/reserved.ts";
import type { Attempts } from "./attempts.ts";
import type { Fleet } from "./fleet.ts";
import type { Merges } from "./merges.ts";
import type { Outbox } from "./outbox.ts";
import type { AgentPool, Models, Worktrees } from "./ports.ts";

export interface OrderParts {
  fleet: Fleet;
  pool: Pick<AgentPool, "keepWarm">;
  attempts: Attempts;
  merges: Merges;
  models: Models;
  workspaces: Worktrees;
  outbox: Outbox;
  report(report: Report): void;
  endHost(pid: number, why: string): void;
  log: Log;
}

/** Gives each order of the engine to whom it concerns. Any may come again. */
export class Orders {
  readonly #parts: OrderParts;
  readonly #teams = new Map<TeamId, TeamBrief>();

  constructor(parts: OrderParts) {
    this.#parts = parts;
  }

  /** What requests under way hold of the budgets of open teams. */
  reserved(): Reserved[] {
    const held = [...this.#teams.keys()].map((team) => ({ team, usd: this.#parts.models.reservedOf(team) }));
    return held.filter(({ usd }) => usd > 0);
  }

  /** Of the open teams: their commits go to the disks of these. */
  repositories(): string[] {
    return [...new Set([...this.#teams.values()].map(({ repo }) => repo))];
  }

  carryOut(order: Order): void {
    const { fleet, pool, attempts, merges, outbox } = this.#parts;
    switch (order.type) {
      case "openTeam":
        return this.#openTeam(order.team);
      case "closeTeam":
        return this.#closeTeam(order.team);
      case "limitSpending":
        return this.#parts.models.limit(order.hour, order.fleet);
      case "returnAllowance":
        return this.#giveBack(order.scope, order.version);
      case "startAgents":
        return void fleet.start(order.agents);
      case "stopAgents":
        return fleet.stop(order.agents);
      case "pauseAgents":
        return fleet.pause(order.agents);
      case "resumeAgents":
        return fleet.resume(order.agents);
      case "endHost":
        this.#parts.log(`host ${order.host} is ended: ${order.reason}`);
        return this.#parts.endHost(order.host, order.reason);
      case "startAttempt":
        return attempts.start(this.#teams.get(order.attempt.team), order.attempt);
      case "keepWarm":
        return pool.keepWarm(order.hosts);
      case "cancelAttempt":
        return attempts.cancel(order.attempt);
      case "mergeAttempt":
        // Its failure has not reached the engine yet; merged now, it would be there and refused at once.
        if (outbox.holdsEndOf(order.attempt)) return;
        return merges.start(this.#teams.get(order.team), order);
      default:
        unreachable(order);
    }
  }

  #openTeam(team: TeamBrief): void {
    const { models, workspaces, log } = this.#parts;
    this.#teams.set(team.id, team);
    models.openTeam(team);
    // Only to be quicker later: whoever needs the team opens it again, and reports what is wrong.
    workspaces.openTeam(team).catch((error) => log(`team ${team.name}: ${messageOf(error)}`, { team: team.id }));
  }

  /** What is given back is out of reach here before the engine hears of it. */
  #giveBack(scope: string, version: number): void {
    const kept = this.#parts.models.giveBack(scope, version);
    if (kept) this.#parts.report({ type: "allowanceReturned", scope, ...kept, version });
  }

  #closeTeam(id: TeamId): void {
    const { attempts, models, workspaces, log } = this.#parts;
    this.#teams.delete(id);
    models.closeTeam(id);
    attempts.closeTeam(id);
    workspaces.closeTeam(id).catch((error) => log(`team ${id}: ${messageOf(error)}`, { team: id }));
  }
}
