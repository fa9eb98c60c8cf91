import type { State } from "../engine/state.ts";
import type { Event } from "../model/events.ts";
import type { TaskId } from "../model/records.ts";
import { promised } from "./broken-promise.ts";
import type { Coverage, manyNodes } from "./coverage.ts";

const there = "agents are started on nodes that are there";

/** What is promised of a fleet of several nodes, and what is reached of it. Looks at each event before it is applied. */
export class ManyNodes {
  readonly #state: State;
  readonly #coverage: Coverage;

  /** `state` is that of the witness, and is as before the event when `heard` is called with it. */
  constructor(state: State, coverage: Coverage) {
    this.#state = state;
    this.#coverage = coverage;
  }

  heard(event: Event): void {
    const { nodes, agents } = this.#state;
    switch (event.type) {
      case "agentRequested": {
        const node = nodes.get(event.node);
        const seen = () => `${event.agent} on ${event.node}, which is ${node?.state}`;
        return promised(node?.state === "up" && !node.pressure, there, seen);
      }
      case "nodeLost":
        return this.#lost(event.node);
      case "nodeSuspected":
        return this.#beside(event.node, "a node is suspected beside others");
      case "nodePressed":
        return this.#beside(event.node, "a node is short of something beside others");
      case "allowanceRecalled":
        return this.#reached("an allowance is recalled");
      case "attemptLeased":
        return this.#leased(event.task, agents.get(event.agent)?.node);
      default:
    }
  }

  #lost(id: string): void {
    this.#beside(id, "a node is lost beside others");
    const held = Object.values(this.#state.nodes.get(id)?.allowances ?? {});
    if (this.#state.nodes.size > 1 && held.some(({ usd }) => usd !== null && usd > 0))
      this.#reached("a lost node keeps its allowance");
    for (const { node, state } of this.#state.attempts.values())
      if (node === id && state === "merging") this.#beside(id, "an attempt waits to be merged on a node that is lost");
  }

  #leased(id: TaskId, node: string | undefined): void {
    const { tasks, attempts } = this.#state;
    const task = tasks.get(id);
    const last = attempts.get(task?.attempts.at(-1) ?? "");
    if (last && last.failure?.reason === "node-lost" && last.node !== node)
      this.#reached("the work of a lost node goes on elsewhere");
    const needs = (task?.needs ?? []).map((need) => attempts.get(tasks.get(need)?.attempts.at(-1) ?? ""));
    if (needs.some((need) => need && need.node !== node))
      this.#reached("work that was merged by one node is needed on another");
  }

  /** `what` happens to a node while another is up. */
  #beside(id: string, what: (typeof manyNodes)[number]): void {
    for (const node of this.#state.nodes.values()) {
      if (node.id !== id && node.state === "up") return this.#reached(what);
    }
  }

  #reached(what: (typeof manyNodes)[number]): void {
    this.#coverage.add(what);
  }
}
