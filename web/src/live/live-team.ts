/** One team, live: read once, then kept by the stream across cuts and restarts of the engine. */
import type { AgentView, StreamFrame, TaskSummary } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";
import { type Flow, flowOf } from "./flow.ts";
import { applyFrame, emptyTeam, fill, note, type TeamState } from "./team-state.ts";

const firstRetryMs = 500;
const maxRetryMs = 5_000;
/** At least this long between two readings of the whole. */
const againMs = 400;
const flowEveryMs = 1_000;

export class LiveTeam {
  readonly id: string;
  readonly state: TeamState = emptyTeam();
  /** Grows with each change; told at most once a frame. */
  version = 0;
  connected = false;
  /** Whether all was read at least once. */
  ready = false;
  readonly #listeners = new Set<() => void>();
  #socket: WebSocket | null = null;
  #seq: string | null = null;
  #retryMs = firstRetryMs;
  #frame = 0;
  #timers = new Set<number>();
  /** What came while all is being read. */
  #meanwhile: StreamFrame[] | null = null;
  #dirty = false;
  #flow: { at: number; flow: Flow } | null = null;

  constructor(id: string) {
    this.id = id;
  }

  /** The newest event that it has heard of. */
  get seq(): string | null {
    return this.#seq;
  }

  /** As it was within the last second: to add it up costs more than a frame allows. */
  get flow(): Flow {
    const now = Date.now();
    if (!this.#flow || now - this.#flow.at >= flowEveryMs)
      this.#flow = { at: now, flow: flowOf(this.state.tasks.values(), now) };
    return this.#flow.flow;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  };

  #open(): void {
    const url = new URL(apiPath`/api/v1/stream?team=${this.id}`, location.href.replace(/^http/, "ws"));
    if (this.#seq !== null) url.searchParams.set("from", this.#seq);
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => {
      this.connected = true;
      this.#retryMs = firstRetryMs;
      // After a cut the events that were missed follow: what was read stays good.
      if (!this.ready) void this.#read();
    };
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)) as StreamFrame);
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.connected = false;
      this.#changed();
      this.#later(this.#retryMs, () => this.#open());
      this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
    };
  }

  #close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.connected = false;
    // Whoever looks again reads anew.
    this.#seq = null;
    this.ready = false;
  }

  #hear(frame: StreamFrame): void {
    this.#seq = frame.seq;
    this.#meanwhile?.push(frame);
    if (frame.type === "event") note(this.state, frame);
    if (!applyFrame(this.state, frame)) this.#readSoon();
    this.#changed();
  }

  #readSoon(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#later(againMs, () => void this.#read());
  }

  async #read(): Promise<void> {
    this.#dirty = false;
    if (this.#meanwhile) return this.#readSoon();
    this.#meanwhile = [];
    try {
      const [agents, tasks] = await Promise.all([
        get<{ items: AgentView[] }>(apiPath`/api/v1/agents?team=${this.id}`),
        get<{ items: TaskSummary[] }>(apiPath`/api/v1/tasks?team=${this.id}`),
      ]);
      fill(this.state, agents.items, tasks.items);
      for (const frame of this.#meanwhile) applyFrame(this.state, frame);
      this.ready = true;
      this.#flow = null;
      this.#changed();
    } catch {
      // Mostly the engine went away: the stream ends too, and all is read when it is back.
      this.ready = false;
      this.#later(maxRetryMs, () => this.connected && !this.ready && this.#readSoon());
    }
    this.#meanwhile = null;
  }

  #later(ms: number, task: () => void): void {
    const timer = window.setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, ms);
    this.#timers.add(timer);
  }

  #changed(): void {
    if (this.#frame !== 0) return;
    // A hidden page draws no frames.
    const soon = document.hidden ? (task: () => void) => window.setTimeout(task, 1_000) : requestAnimationFrame;
    this.#frame = soon(() => {
      this.#frame = 0;
      this.version++;
      for (const listener of this.#listeners) listener();
    });
  }
}
