/** The number of a member's place: small, dense, and used again once the member has left. */
export type Slot = number;

/** No slot. */
export const none: Slot = -1;

/** What the weighted strategy ranks by; a field left out counts as middling, so that the unknown is tried. */
export interface Traits {
  /** Expected cost of a task, in USD. */
  costUsd?: number;
  /** Work per hour as a multiple of what is usual: 2 is twice as fast. */
  speed?: number;
  /** Share of its tasks that it brings to a good end, from 0 to 1; best a lower bound, so that luck does not count. */
  reliability?: number;
}

/**
 * Members as a structure of arrays, so that a pick touches few cache lines and makes no garbage.
 *
 * Written by its owner alone (the balancer); strategies read it. Arrays are replaced when they grow: read them
 * through the pool each time, and keep no reference.
 */
export class Pool {
  /** Of vacant slots null. */
  readonly ids: (string | null)[] = [];
  /** Never changed in place: a change puts another object here. */
  readonly traits: Traits[] = [];
  /** Reservations that are held. */
  active = new Int32Array(16);
  capacity = new Int32Array(16);
  /** 1 where health, breaker and ejection allow work. */
  usable = new Uint8Array(16);
  /** Relative weight, slow start included; above 0. */
  weight = new Float64Array(16);
  /** Reservations held in all. */
  load = 0;
  /** Members. */
  count = 0;
  readonly #vacant: Slot[] = [];

  /** Takes a vacant place, or makes one. The new member is not usable until its owner says so. */
  add(id: string, capacity: number, traits: Traits): Slot {
    const slot = this.#vacant.pop() ?? this.ids.length;
    if (slot >= this.active.length) this.#grow();
    this.ids[slot] = id;
    this.traits[slot] = traits;
    this.active[slot] = 0;
    this.capacity[slot] = capacity;
    this.usable[slot] = 0;
    this.weight[slot] = 1;
    this.count += 1;
    return slot;
  }

  /** Frees the place at once; reservations that its member still held are dropped from the load. */
  remove(slot: Slot): void {
    this.load -= this.active[slot] ?? 0;
    this.ids[slot] = null;
    this.active[slot] = 0;
    this.usable[slot] = 0;
    this.count -= 1;
    this.#vacant.push(slot);
  }

  reserve(slot: Slot): void {
    this.active[slot] = (this.active[slot] ?? 0) + 1;
    this.load += 1;
  }

  release(slot: Slot): void {
    this.active[slot] = (this.active[slot] ?? 0) - 1;
    this.load -= 1;
  }

  /** Whether it may be given work now. */
  isFree(slot: Slot): boolean {
    return this.usable[slot] === 1 && (this.active[slot] ?? 0) < (this.capacity[slot] ?? 0);
  }

  /** Load relative to weight, the next piece of work included, so that an idle light one is not worth a heavy one. */
  pressure(slot: Slot): number {
    return ((this.active[slot] ?? 0) + 1) / (this.weight[slot] ?? 1);
  }

  #grow(): void {
    const length = this.active.length * 2;
    this.active = copied(this.active, new Int32Array(length));
    this.capacity = copied(this.capacity, new Int32Array(length));
    this.usable = copied(this.usable, new Uint8Array(length));
    this.weight = copied(this.weight, new Float64Array(length));
  }
}

/** `wider`, once it starts with what `from` holds. */
export function copied<T extends { set(from: T): void }>(from: T, wider: T): T {
  wider.set(from);
  return wider;
}
