import type { Millis } from "../lib/clock.ts";
import type { AgentId } from "../model/records.ts";
import {
  type Answer,
  type Finding,
  lookAtAnswer,
  lookAtEnd,
  newHabits,
  newPeers,
  type Peers,
} from "./health/anomalies.ts";
import { lookAtCrash, lookAtWork, quarantinedUntil } from "./health/crash-loops.ts";
import type { Evidence, HealthReport, Signal } from "./health/evidence.ts";
import { type HealthListener, Listeners } from "./health/listeners.ts";
import { lookAtCall, lookAtMessage, newHistory, type ToolCall } from "./health/loops.ts";
import { type HealthOptions, resolveHealth } from "./health/options.ts";
import { beat, newBeats } from "./health/phi.ts";
import { type HealthRecord, type HealthState, newState, type Watched } from "./health/record.ts";
import { doubtOf, lookAtLate, lookAtSelf, type SelfDoubt } from "./health/self-check.ts";
import { dueAt, excuse, judge, type Level, type Limits, lateAt, limitsFor, newSigns } from "./health/signals.ts";
import { Slots } from "./health/slots.ts";

/**
 * Says which agents are ill, and what it saw. It acts on nobody.
 *
 * Three signals are kept apart: alive (heartbeats by phi accrual, and the end of a process), progress (tokens and tool
 * events) and the deadline. Beside them, anomalies: speed, failures and burn against peers, loops, crash loops. When it is
 * we who lag, or many sources are late together, nobody is accused (`doubt`).
 *
 * Deterministic: time is passed in and must not go back. Reports go to the listeners at once, in order; `sweep` also
 * returns its own. What is told of an agent that is not watched is ignored: the last words of one that was removed.
 */
export class HealthMonitor {
  readonly options: Readonly<HealthOptions>;
  readonly #limits: Limits;
  readonly #state: HealthState;
  readonly #records = new Map<AgentId, HealthRecord>();
  readonly #bySlot: (HealthRecord | undefined)[] = [];
  readonly #slots = new Slots();
  readonly #listeners = new Listeners();

  /** @throws GodelError OPTION_UNKNOWN, OPTION_RANGE. */
  constructor(options: Partial<HealthOptions> = {}, state: HealthState | null = null) {
    this.options = resolveHealth(options);
    this.#limits = limitsFor(this.options);
    this.#state = state === null ? newState() : structuredClone(state);
    for (const record of this.#state.agents) this.#place({ ...record, slot: this.#slots.take() });
    this.#state.agents = [];
  }

  /** For a snapshot, as JSON can hold it: a copy. A monitor made of it first doubts itself, since time has passed. */
  get state(): HealthState {
    return structuredClone({ ...this.#state, agents: [...this.#records.values()] });
  }

  /** Calls `listener` for each report of that type. The returned function takes it off again. */
  on(type: HealthReport["type"], listener: HealthListener): () => void {
    return this.#listeners.add(type, listener);
  }

  /** Starts to watch an agent. One that is watched already starts anew, as after a restart under the same name. */
  watch({ agent, model = "", source = agent, lineage = agent, heartbeats = true }: Watched, at: Millis): void {
    this.forget(agent);
    const signs = newSigns(heartbeats ? newBeats(this.options, at) : null);
    this.#place({ agent, model, source, lineage, signs, habits: newHabits(at), slot: this.#slots.take() });
  }

  forget(agent: AgentId): void {
    const record = this.#records.get(agent);
    if (!record) return;
    this.#slots.leave(record.slot, record.source);
    this.#slots.free(record.slot);
    this.#bySlot[record.slot] = undefined;
    this.#records.delete(agent);
  }

  heartbeat(agent: AgentId, at: Millis): void {
    const record = this.#living(agent);
    if (!record?.signs.beats) return;
    beat(record.signs.beats, at, this.options);
    this.#well(record, ["alive"], at);
  }

  /** Its silence until `at` proves nothing: what carries its signs was down itself. No gap is learnt. */
  excuse(agent: AgentId, at: Millis): void {
    const record = this.#living(agent);
    if (!record) return;
    excuse(record.signs, at);
    this.#well(record, ["alive", "progress"], at);
  }

  /** It was given work. */
  began(agent: AgentId, at: Millis, deadlineAt: Millis | null = null): void {
    const record = this.#living(agent);
    if (!record) return;
    record.signs.work = { progressAt: at, toolSince: null, deadlineAt };
    this.#well(record, ["progress", "deadline"], at);
  }

  /** A token, or any other sign that it gets on. A tool that runs keeps its own limit. */
  progress(agent: AgentId, at: Millis): void {
    const record = this.#living(agent);
    if (!record?.signs.work) return;
    record.signs.work.progressAt = at;
    if (record.signs.work.toolSince === null) this.#well(record, ["progress"], at);
  }

  toolStarted(agent: AgentId, at: Millis): void {
    const record = this.#living(agent);
    if (!record?.signs.work) return;
    record.signs.work.toolSince = at;
    this.#well(record, ["progress"], at);
  }

  toolEnded(agent: AgentId, call: ToolCall, at: Millis): void {
    const record = this.#living(agent);
    if (!record) return;
    if (record.signs.work) record.signs.work.toolSince = null;
    this.progress(agent, at);
    const evidence = lookAtCall(record.habits.history, call);
    if (evidence) this.#report("anomaly", record, evidence, at);
  }

  /** A whole message of the agent. */
  said(agent: AgentId, text: string, at: Millis): void {
    const record = this.#living(agent);
    if (!record) return;
    this.progress(agent, at);
    const evidence = lookAtMessage(record.habits.history, text);
    if (evidence) this.#report("anomaly", record, evidence, at);
  }

  /** A model answered it. Past a hard cap it is unhealthy; else what is odd is an anomaly. */
  answered(agent: AgentId, answer: Answer, at: Millis): void {
    const record = this.#living(agent);
    if (!record) return;
    this.progress(agent, at);
    this.#find(record, lookAtAnswer(record.habits, this.#peers(record), answer, { at, options: this.options }), at);
  }

  /** Its attempt is over; `failed` by its own doing, not by its host's or provider's. Null: that says nothing of it. */
  ended(agent: AgentId, { failed }: { failed: boolean | null }, at: Millis): void {
    const record = this.#living(agent);
    if (!record) return;
    record.signs.work = null; // What it does next is for another task, and no circle.
    record.habits.history = newHistory();
    this.#well(record, ["progress", "deadline"], at);
    if (failed === false) lookAtWork(this.#state.crashes, record.lineage);
    if (failed !== null) this.#find(record, lookAtEnd(record.habits, this.#peers(record), failed, this.options), at);
  }

  /** Its process ended. Unless that was wanted it is unhealthy at once, and its lineage has crashed. */
  exited(agent: AgentId, { expected, detail }: { expected: boolean; detail: string }, at: Millis): void {
    const record = this.#living(agent);
    if (!record) return;
    record.signs.gone = true;
    this.#slots.leave(record.slot, record.source);
    this.#refresh(record);
    if (expected) return;
    record.signs.levels.alive = "unhealthy";
    this.#report("unhealthy", record, { signal: "alive", detail, figures: {} }, at);
    const evidence = lookAtCrash(this.#state.crashes, record.lineage, at, this.options);
    if (evidence) this.#report("anomaly", record, evidence, at);
  }

  /** Until when nothing of that lineage should be started; null when it may be. */
  quarantinedUntil(lineage: string, at: Millis): Millis | null {
    return quarantinedUntil(this.#state.crashes, lineage, at);
  }

  /** Why verdicts are withheld at `at`; null when they are not. */
  doubt(at: Millis): SelfDoubt | null {
    return doubtOf(this.#state.self, at, this.options);
  }

  /** The worst of the three signals; undefined for one that is not watched. */
  levelOf(agent: AgentId): Level | undefined {
    const levels = Object.values(this.#records.get(agent)?.signs.levels ?? {});
    return (["unhealthy", "suspect", "well"] as const).find((level) => levels.includes(level));
  }

  /**
   * Judges everybody who has come due. Call it each `sweepMs`; `lagMs` is how long the loop was held up, where it was
   * measured better than by the distance of two sweeps. O(agents): about 20 µs for 10,000, and more for each report.
   */
  sweep(at: Millis, lagMs: Millis = 0): HealthReport[] {
    const { self } = this.#state;
    lookAtSelf(self, at, lagMs, this.options);
    const due = this.#slots.due(at);
    if (due.length > 0 || self.lateSince !== null) {
      lookAtLate(self, this.#slots.lateSources(at), { at, options: this.options });
    }
    if (this.doubt(at) !== null) return [];
    return due.flatMap((slot) => this.#judge(slot, at));
  }

  #judge(slot: number, at: Millis): HealthReport[] {
    const record = this.#bySlot[slot];
    // A listener may have forgotten it since the sweep began.
    if (!record) return [];
    const verdicts = judge(record.signs, at, this.#limits);
    this.#refresh(record);
    return verdicts.map(({ level, evidence }) => this.#report(level, record, evidence, at));
  }

  /** Those signals are well again. */
  #well(record: HealthRecord, signals: readonly Signal[], at: Millis): void {
    const { levels } = record.signs;
    const back = signals.filter((signal) => levels[signal] !== "well");
    for (const signal of back) levels[signal] = "well";
    this.#refresh(record);
    const [signal] = back;
    if (signal === undefined || this.levelOf(record.agent) !== "well") return;
    this.#report("recovered", record, { signal, detail: `${back.join(" and ")} again`, figures: {} }, at);
  }

  #find(record: HealthRecord, findings: readonly Finding[], at: Millis): void {
    for (const { evidence, grave } of findings) this.#report(grave ? "unhealthy" : "anomaly", record, evidence, at);
  }

  #report(type: HealthReport["type"], { agent }: HealthRecord, evidence: Evidence, at: Millis): HealthReport {
    return this.#listeners.tell({ type, at, agent, evidence });
  }

  #peers({ model }: HealthRecord): Peers {
    this.#state.models[model] ??= newPeers();
    return this.#state.models[model];
  }

  #living(agent: AgentId): HealthRecord | undefined {
    const record = this.#records.get(agent);
    return record?.signs.gone ? undefined : record;
  }

  #place(record: HealthRecord): void {
    this.#records.set(record.agent, record);
    this.#bySlot[record.slot] = record;
    if (record.signs.beats && !record.signs.gone) this.#slots.join(record.slot, record.source);
    this.#refresh(record);
  }

  #refresh({ slot, signs }: HealthRecord): void {
    this.#slots.set(slot, { due: dueAt(signs, this.#limits), late: lateAt(signs, this.#limits) });
  }
}
