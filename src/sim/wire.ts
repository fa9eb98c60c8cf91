import { decodeFrame, type ToNode } from "../model/link.ts";
import type { LinkSocket } from "../model/link-socket.ts";
import type { Dice } from "./dice.ts";
import type { Process, Timeline } from "./timeline.ts";

/** How the network is right now. Shared by all connections, and changed by faults. */
export interface Weather {
  /** One way, in ms. */
  latencyMs: number;
  /** Frames and ends of connections vanish, and nobody is told. */
  silent: boolean;
  /** Orders and reports may come twice. */
  repeats: boolean;
}

const states = { connecting: 0, open: 1, closed: 3 } as const;

/** What happens to a frame on its way; more than one, none, or another may arrive. */
export type Passage = (frame: string) => string[];

type Listener = (data?: unknown) => void;

/** One end of a connection, as the process that holds it sees it. */
export class Socket implements LinkSocket {
  readonly OPEN = states.open;
  readyState: number = states.connecting;
  readonly process: Process;
  /** Why this end closed it, for checks. */
  closeCode: number | null = null;
  readonly #listeners: [string, Listener][] = [];
  #wire: Wire | null = null;

  constructor(process: Process) {
    this.process = process;
  }

  /** What is carried has left. */
  get bufferedAmount(): number {
    return 0;
  }

  joinTo(wire: Wire): void {
    this.#wire = wire;
  }

  on(event: string, listener: Listener): void {
    this.#listeners.push([event, listener]);
  }

  emit(event: "open" | "close" | "error" | "message", data?: unknown): void {
    for (const [name, listener] of this.#listeners) if (name === event) listener(data);
  }

  send(frame: string): void {
    if (this.readyState === states.open) this.#wire?.carry(this, frame);
  }

  close(code = 1000): void {
    this.closeCode = code;
    this.terminate();
  }

  terminate(): void {
    if (this.readyState === states.closed) return;
    this.readyState = states.closed;
    this.process.soon(() => this.emit("close"));
    this.#wire?.closedBy(this);
  }

  opened(): void {
    if (this.readyState !== states.connecting) return;
    this.readyState = states.open;
    this.emit("open");
  }

  /** The other end is gone. */
  ended(): void {
    if (this.readyState === states.closed) return;
    this.readyState = states.closed;
    this.emit("close");
  }
}

interface Direction {
  to: Socket;
  passage: Passage;
  /** When the last frame of this direction arrives: none overtakes another. */
  lastAt: number;
  /** When the frame that has arrived last was sent. */
  heardOf: number;
  sent: number;
  /** Frames from this number on are lost. */
  lostFrom: number;
}

/** One connection between a node and an engine: in order, delayed, and cut at any point with the tail of each direction lost. */
export class Wire {
  readonly node: Socket;
  readonly engine: Socket;
  /** The epoch of the leader that has welcomed the node over it. */
  welcomedBy: bigint | null = null;
  #dead = false;
  readonly #timeline: Timeline;
  readonly #weather: Weather;
  readonly #dice: Dice;
  readonly #directions: Map<Socket, Direction>;

  constructor(parts: {
    timeline: Timeline;
    weather: Weather;
    dice: Dice;
    node: Process;
    engine: Process;
    toNode: Passage;
    toEngine: Passage;
  }) {
    this.#timeline = parts.timeline;
    this.#weather = parts.weather;
    this.#dice = parts.dice;
    this.node = new Socket(parts.node);
    this.engine = new Socket(parts.engine);
    const direction = (to: Socket, passage: Passage) => ({
      to,
      passage,
      lastAt: 0,
      heardOf: 0,
      sent: 0,
      lostFrom: Infinity,
    });
    this.#directions = new Map([
      [this.node, direction(this.engine, parts.toEngine)],
      [this.engine, direction(this.node, parts.toNode)],
    ]);
    this.node.on("message", (data) => {
      const text = String(data);
      // Most frames are others, and reading one costs more than looking for a word.
      const frame = text.startsWith('{"type":"welcome"') ? decodeFrame<ToNode>(text) : undefined;
      if (frame?.type === "welcome") this.welcomedBy = BigInt(frame.epoch);
    });
    this.node.joinTo(this);
    this.engine.joinTo(this);
  }

  /** When the frame that the engine has got last was sent. */
  get heardOf(): number {
    return this.#directions.get(this.node)?.heardOf ?? 0;
  }

  get isOpen(): boolean {
    return this.node.readyState === states.open && this.engine.readyState === states.open;
  }

  carry(from: Socket, frame: string): void {
    const direction = this.#directions.get(from);
    if (!direction) return;
    // What is lost is never made up for: the connection is as good as dead, though neither end knows it.
    if (this.#weather.silent) this.#dead = true;
    if (this.#weather.silent) return;
    // The other end's system answers for a connection that it knows no more.
    if (direction.to.readyState === states.closed) return this.closedBy(direction.to);
    if (this.#dead) return;
    const sentAt = this.#timeline.now;
    for (const arrives of this.#deliveries(direction.passage(frame))) {
      const number = direction.sent++;
      this.#arrive(direction, () => {
        if (number >= direction.lostFrom || direction.to.readyState !== states.open) return;
        direction.heardOf = sentAt;
        direction.to.emit("message", arrives);
      });
    }
  }

  /** The other end hears of it after all that was sent before. */
  closedBy(from: Socket): void {
    const direction = this.#directions.get(from);
    if (direction && !this.#weather.silent) this.#arrive(direction, () => direction.to.ended());
  }

  /** Cuts it: of what is on its way, the tail of each direction is lost. */
  cut(): void {
    for (const direction of this.#directions.values()) {
      direction.lostFrom = direction.sent - this.#dice.whole(0, 3);
      this.#timeline.after(this.#dice.between(0, 300), () => direction.to.process.run(() => direction.to.ended()));
    }
  }

  /** Its process died: the system closes the connection for it. */
  abandon(end: Socket): void {
    if (end.readyState === states.closed) return;
    end.readyState = states.closed;
    this.closedBy(end);
  }

  #deliveries(frames: string[]): string[] {
    if (!this.#weather.repeats) return frames;
    const repeated = (frame: string) => /^{"type":"(?:order|report)"/.test(frame) && this.#dice.chance(0.5);
    return frames.flatMap((frame) => (repeated(frame) ? [frame, frame] : [frame]));
  }

  #arrive(direction: Direction, task: () => void): void {
    const { latencyMs } = this.#weather;
    const at = Math.max(direction.lastAt, this.#timeline.now + this.#dice.between(latencyMs / 2, latencyMs * 1.5));
    direction.lastAt = at;
    this.#timeline.after(at - this.#timeline.now, task, direction.to.process);
  }
}
