import type { Random } from "../lib/random.ts";
import { seededRandom } from "../lib/random.ts";

/** Chance for one part of the world, drawn from the seed and the part's name: parts do not disturb one another. */
export class Dice implements Random {
  readonly #random: Random;

  constructor(seed: number, name: string) {
    this.#random = seededRandom(hash(`${seed} ${name}`));
  }

  next(): number {
    return this.#random.next();
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[Math.floor(this.next() * items.length)] ?? items[0];
  }
}

/** Source: FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
