import { join } from "node:path";
import { present } from "../lib/assert.ts";
import type { Clock } from "../lib/clock.ts";
import { GodelError, messageOf } from "../lib/errors.ts";
import type { AgentBrief, Report } from "../model/link.ts";
import type { ModelTarget } from "../model/model-target.ts";
import type { AgentId, RuntimeName } from "../model/records.ts";
import { runtimeNeedsModel } from "../runtimes/index.ts";
import { afterAwake, BoundedAgent, stopWithinMs } from "./bounded-agent.ts";
import type { AgentPool, Models, PooledAgent } from "./ports.ts";

export interface FleetParts {
  pool: AgentPool;
  models: Models;
  clock: Clock;
  /** Folder that holds the agents' own folders. */
  agentsDir: string;
  makeDir(path: string): void;
  report(report: Report): void;
}

interface Entry {
  brief: AgentBrief;
  /** Null while it starts. */
  agent: BoundedAgent | null;
  stopping: boolean;
  paused: boolean;
}

/** The agents of this node. Each order may come again: an agent that is known is never started twice. */
export class Fleet {
  readonly #parts: FleetParts;
  readonly #entries = new Map<AgentId, Entry>();

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  get ids(): AgentId[] {
    return [...this.#entries.keys()];
  }

  /** An agent that is up. */
  ready(id: AgentId): BoundedAgent | null {
    return this.#entries.get(id)?.agent ?? null;
  }

  /** Whether an agent that is known talks to a model. */
  asksModel(id: AgentId): boolean {
    const entry = this.#entries.get(id);
    return entry !== undefined && runtimeNeedsModel(entry.brief.runtime);
  }

  /** What drives an agent that is known. */
  runtimeOf(id: AgentId): RuntimeName | undefined {
    return this.#entries.get(id)?.brief.runtime;
  }

  async start(briefs: readonly AgentBrief[]): Promise<void> {
    const fresh = briefs.filter(({ id }) => !this.#entries.has(id));
    for (const brief of fresh) this.#entries.set(brief.id, { brief, agent: null, stopping: false, paused: false });
    const alike = Map.groupBy(fresh, ({ runtime, model }) => `${runtime} ${model}`);
    for (const group of alike.values()) await this.#startAlike(group);
  }

  /** Agents of one runtime and one model. */
  async #startAlike(briefs: AgentBrief[]): Promise<void> {
    const { runtime, model } = present(briefs[0], "the first of a group");
    try {
      const target = runtimeNeedsModel(runtime) ? await this.#parts.models.resolve(model) : null;
      const requests = briefs.map((brief) => ({
        spec: this.#spec(brief, target),
        runtime: brief.runtime,
        alone: brief.alone ?? false,
      }));
      const starts = this.#parts.pool.start(requests);
      for (const [i, { id }] of briefs.entries())
        starts[i]?.then(
          (agent) => this.#started(id, agent),
          (error) => this.#ended(id, messageOf(error), true),
        );
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      for (const { id } of briefs) this.#ended(id, error.message, true);
    }
  }

  /** @throws GodelError HOME_UNUSABLE when its folder cannot be made */
  #spec({ id, skills }: AgentBrief, model: ModelTarget | null) {
    const home = join(this.#parts.agentsDir, id);
    try {
      this.#parts.makeDir(home);
    } catch (error) {
      throw new GodelError("HOME_UNUSABLE", messageOf(error));
    }
    return { id, skills, model, home };
  }

  #started(id: AgentId, pooled: PooledAgent): void {
    const entry = this.#entries.get(id);
    const agent = this.#bounded(pooled, entry?.brief);
    if (!entry) return void agent.stop();
    entry.agent = agent;
    if (entry.stopping) return void this.#stop(id, entry);
    if (entry.paused) void agent.pause();
    this.#parts.report({ type: "agentReady", agent: id, hostPid: agent.hostPid, sessionId: agent.sessionId });
  }

  stop(ids: readonly AgentId[]): void {
    for (const id of ids) {
      const entry = this.#entries.get(id);
      // The engine waits to hear that it is gone, so one that never was is gone too.
      if (!entry) this.#parts.report({ type: "agentStopped", agent: id, reason: "it was not running", failed: false });
      else if (entry.agent === null) this.#stopStarting(id, entry);
      else void this.#stop(id, entry);
    }
  }

  #bounded(agent: PooledAgent, brief: AgentBrief | undefined): BoundedAgent {
    const { pool, clock } = this.#parts;
    const withinMs = brief?.stopWithinMs ?? stopWithinMs;
    return new BoundedAgent(agent, { clock, withinMs, endHost: (pid, why) => pool.kill(pid, why) });
  }

  /** It has begun nothing yet. One that is not up in time is given up, and stopped if it ever is. */
  #stopStarting(id: AgentId, entry: Entry): void {
    if (entry.stopping) return;
    entry.stopping = true;
    afterAwake(this.#parts.clock, entry.brief.stopWithinMs ?? stopWithinMs, () => {
      if (entry.agent === null && this.#entries.get(id) === entry) this.#ended(id, "it was told to", false);
    });
  }

  async #stop(id: AgentId, entry: Entry): Promise<void> {
    entry.stopping = true;
    await entry.agent?.stop();
    this.#ended(id, "it was told to", false);
  }

  pause(ids: readonly AgentId[]): void {
    for (const [entry, agent] of this.#each(ids)) {
      entry.paused = true;
      void agent?.pause();
    }
  }

  resume(ids: readonly AgentId[]): void {
    for (const [entry, agent] of this.#each(ids)) {
      entry.paused = false;
      void agent?.resume();
    }
  }

  *#each(ids: readonly AgentId[]): Iterable<[Entry, PooledAgent | null]> {
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry) yield [entry, entry.agent];
    }
  }

  /** Its host died. */
  lost(id: AgentId, reason: string): void {
    if (this.#entries.delete(id)) this.#parts.report({ type: "agentLost", agent: id, reason });
  }

  #ended(id: AgentId, reason: string, failed: boolean): void {
    if (this.#entries.delete(id)) this.#parts.report({ type: "agentStopped", agent: id, reason, failed });
  }
}
