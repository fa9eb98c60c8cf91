/**
 * The instants that a sweep compares, in typed arrays: one pass over 10,000 agents reads 160 kB in order.
 *
 * A slot is a place in them; it belongs to one agent from `take` to `free`. Sources are counted by number.
 */
import type { Millis } from "../../lib/clock.ts";

const never = Number.POSITIVE_INFINITY;

export class Slots {
  /** When the agent in a slot may next be judged; Infinity for nobody. */
  #due = new Float64Array(64).fill(never);
  /** When it is late with its heartbeat; Infinity for those that send none. */
  #late = new Float64Array(64).fill(never);
  #source = new Int32Array(64).fill(-1);
  #used = 0;
  #free: number[] = [];
  #sources = new Map<string, { number: number; agents: number }>();
  #freeSources: number[] = [];

  take(): number {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot >= this.#due.length) this.#grow();
    return slot;
  }

  free(slot: number): void {
    this.set(slot, { due: never, late: never });
    this.#source[slot] = -1;
    this.#free.push(slot);
  }

  set(slot: number, { due, late }: { due: Millis; late: Millis }): void {
    this.#due[slot] = due;
    this.#late[slot] = late;
  }

  /** The agent in `slot` sends its heartbeats through `source` from now on. */
  join(slot: number, source: string): void {
    const known = this.#sources.get(source) ?? { number: this.#freeSources.pop() ?? this.#sources.size, agents: 0 };
    known.agents++;
    this.#sources.set(source, known);
    this.#source[slot] = known.number;
  }

  /** It sends none any more. */
  leave(slot: number, source: string): void {
    const known = this.#sources.get(source);
    if (!known || this.#source[slot] !== known.number) return;
    this.#source[slot] = -1;
    this.#late[slot] = never;
    if (--known.agents > 0) return;
    this.#sources.delete(source);
    this.#freeSources.push(known.number);
  }

  /** The slots that are to be judged at `at`, in order. O(slots), and allocates only for those it finds. */
  due(at: Millis): number[] {
    const found: number[] = [];
    const due = this.#due;
    for (let slot = 0; slot < this.#used; slot++) {
      if ((due[slot] as number) <= at) found.push(slot);
    }
    return found;
  }

  /** How many sources there are, and of how many more than half of the agents are late. O(slots). */
  lateSources(at: Millis): { late: number; sources: number } {
    const late = new Int32Array(this.#sources.size + this.#freeSources.length);
    for (let slot = 0; slot < this.#used; slot++) {
      const source = this.#source[slot] as number;
      if (source >= 0 && (this.#late[slot] as number) <= at) late[source] = (late[source] as number) + 1;
    }
    let count = 0;
    for (const { number, agents } of this.#sources.values()) if (2 * (late[number] ?? 0) > agents) count++;
    return { late: count, sources: this.#sources.size };
  }

  #grow(): void {
    const size = 2 * this.#due.length;
    const [due, late, source] = [this.#due, this.#late, this.#source];
    this.#due = new Float64Array(size).fill(never);
    this.#late = new Float64Array(size).fill(never);
    this.#source = new Int32Array(size).fill(-1);
    this.#due.set(due);
    this.#late.set(late);
    this.#source.set(source);
  }
}
