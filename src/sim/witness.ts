import { evolve } from "../engine/evolve.ts";
import { InvariantWatch, thingsOf } from "../engine/invariants.ts";
import { emptyState, type State } from "../engine/state.ts";
import { type MemoryStore, openMemoryJournal } from "../journal/index.ts";
import { messageOf } from "../lib/errors.ts";
import type { Event } from "../model/events.ts";
import { Archives } from "./archives.ts";
import { BrokenPromise, promised } from "./broken-promise.ts";
import { ChoicePromises } from "./choice-promises.ts";
import { ClaimPromises } from "./claims.ts";
import type { Coverage } from "./coverage.ts";
import { frozen } from "./frozen.ts";
import { ManyNodes } from "./many-nodes.ts";
import { ScalingPromises } from "./scaling-promises.ts";
import type { Scenario } from "./scenario.ts";
import { SharingPromises } from "./sharing.ts";

/** What the engines have told the world, and the state that follows from it. No crash makes a witness forget. */
export class Witness {
  readonly state: State = emptyState();
  readonly archives = new Archives();
  readonly #coverage: Coverage;
  readonly #invariants = new InvariantWatch(this.state);
  /** Told, but not yet looked for in the journal after a crash; the first of them is `#checkedSeq + 1`. */
  #unchecked: Event[] = [];
  readonly #scaling: ScalingPromises;
  readonly #claims: ClaimPromises;
  readonly #sharing: SharingPromises;
  readonly #manyNodes: ManyNodes;
  readonly #look: (event: Event) => void;
  readonly #choices = new ChoicePromises(this.state);
  #seq = 0n;
  #checkedSeq = 0n;

  /** `look` is told of each event before it is applied. */
  constructor(coverage: Coverage, scenario: Scenario, look: (event: Event) => void = () => {}) {
    this.#coverage = coverage;
    this.#manyNodes = new ManyNodes(this.state, coverage);
    this.#look = look;
    this.#scaling = new ScalingPromises(this.state, scenario.engine.policies.scaler);
    this.#sharing = new SharingPromises(this.state, scenario.engine.policies.resources);
    this.#claims = new ClaimPromises(this.state, scenario.teams);
  }

  get seq(): bigint {
    return this.#seq;
  }

  /** The engine says that these are durable. */
  hear(events: readonly Event[], seq: bigint): readonly Event[] {
    promised(seq === this.#seq + BigInt(events.length), "events have no gaps", () => `${seq} after ${this.#seq}`);
    for (const event of events) {
      frozen(event);
      this.#seq += 1n;
      this.#unchecked.push(event);
      this.#apply(event);
    }
    for (const event of events) this.#claims.heard(event);
    invariants(() => this.#invariants.after(events));
    return events;
  }

  /** A caller was told that its command caused these: what was heard cannot be changed any more. */
  acknowledged(events: readonly Event[]): void {
    for (const event of events) {
      promised(Object.isFrozen(event), "a reply comes once its events are durable", () => JSON.stringify(event));
    }
  }

  /** After a crash: all that was told is in the journal, and the new engine knows what the journal holds. `promises` hear what only the journal knew. */
  async compare(store: MemoryStore, state: State, promises: { heard(events: readonly Event[]): void }): Promise<void> {
    const unheard: { events: Event[]; seq: bigint }[] = [];
    // What only a snapshot holds any more is compared with it below.
    if (this.#checkedSeq < store.forgotten) {
      this.#unchecked = this.#unchecked.slice(Number(store.forgotten - this.#checkedSeq));
      this.#checkedSeq = store.forgotten;
    }
    let checked = 0;
    for await (const { events, seq } of openMemoryJournal(store).read(this.#checkedSeq)) {
      const first = seq - BigInt(events.length) + 1n;
      const known = Math.max(0, Number(this.#checkedSeq - first) + 1);
      const told = Math.min(events.length, Number(this.#seq - first) + 1);
      for (const event of events.slice(known, told)) this.#checkTold(event, checked++);
      const fresh = events.slice(Math.max(known, told));
      if (fresh.length > 0) unheard.push({ events: fresh, seq });
    }
    const lost = this.#unchecked[checked];
    promised(
      lost === undefined,
      "nothing that was acknowledged is lost",
      () => `${JSON.stringify(lost)} is not in the journal`,
    );
    for (const { events, seq } of unheard) promises.heard(this.hear(events, seq));
    this.#unchecked = [];
    this.#checkedSeq = this.#seq;
    this.agreesWith(state);
    await this.archives.check(store);
  }

  agreesWith(state: State): void {
    invariants(() => this.#invariants.full());
    const told = fingerprint(this.state);
    const known = fingerprint(state);
    promised(told === known, "replay gives the state that was", () => firstDifference(told, known));
  }

  #checkTold(event: Event, index: number): void {
    const told = JSON.stringify(this.#unchecked[index]);
    const text = JSON.stringify(event);
    promised(told === text, "nothing that was acknowledged is lost", () => `${told} became ${text}`);
  }

  #apply(event: Event): void {
    if (event.type === "attemptStarted" && event.resumption) {
      this.#coverage.add("saved" in event.resumption ? "session gone on in" : "session refused");
    }
    this.archives.hear(event, this.state);
    if (event.type === "teamArchived" || event.type === "teamRestored") this.#coverage.add(event.type);
    const before = this.#statesOf(event);
    this.#sharing.heard(event);
    this.#scaling.heard(event);
    this.#choices.heard(event);
    this.#manyNodes.heard(event);
    this.#look(event);
    evolve(this.state, event);
    const after = this.#statesOf(event);
    for (const [i, what] of kinds.entries()) {
      const [from, to] = [before[i], after[i]];
      if (from !== undefined && to !== undefined && from !== to) this.#coverage.moved(what, from, to);
    }
  }

  /** The state of each thing that the event is about, in the order of `kinds`. */
  #statesOf(event: Event): (string | undefined)[] {
    const { task, attempt, agent } = thingsOf(this.state, event);
    const team = "team" in event && typeof event.team === "string" ? this.state.teams.get(event.team) : undefined;
    const node = "node" in event && event.node !== undefined ? this.state.nodes.get(event.node) : undefined;
    return [team?.state, task?.state, attempt?.state, agent?.state, node?.state];
  }
}

const kinds = ["team", "task", "attempt", "agent", "node"];

function invariants(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new BrokenPromise("the engine's invariants hold", messageOf(error));
  }
}

function fingerprint({ epoch, at, tierRecords, teams, tasks, attempts, agents, nodes }: State): string {
  const maps = [teams, tasks, attempts, agents, nodes].map((map) =>
    [...map.values()].map((one) => JSON.stringify(one)),
  );
  return [`${epoch} ${at} ${JSON.stringify(tierRecords)}`, ...maps.flat()].join("\n");
}

function firstDifference(told: string, known: string): string {
  const lines = known.split("\n");
  const index = told.split("\n").findIndex((line, i) => line !== lines[i]);
  return `told ${told.split("\n")[index]}, replayed ${lines[index]}`;
}
