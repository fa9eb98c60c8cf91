import { randomBytes } from "node:crypto";

/** The only source of chance. Tests pass `seededRandom`, so that any run can be repeated. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

export const systemRandom: Random = { next: () => randomBytes(4).readUInt32BE() / 2 ** 32 };

/**
 * A repeatable stream for one seed.
 *
 * Source: mulberry32 (Tommy Ettinger); 32 bits of state, enough for tie-breaks and jitter.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** A random item, or undefined of an empty list. */
export function pick<T>(random: Random, items: readonly T[]): T | undefined {
  return items[Math.floor(random.next() * items.length)];
}

/** A secret of 192 bits, safe in a URL. Not from `Random`: secrets must never be repeatable. */
export function secretToken(): string {
  return randomBytes(24).toString("base64url");
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** A short readable id such as `t3k9x2mq`: a letter for its kind and `length` Crockford base-32 digits. */
export function shortId(random: Random, kind: string, length = 7): string {
  let id = kind;
  for (let i = 0; i < length; i++) id += alphabet[Math.floor(random.next() * alphabet.length)];
  return id;
}
