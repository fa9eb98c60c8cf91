/** Browsers that a person let in with `godel dashboard`. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { Clock, Millis } from "../lib/clock.ts";
import { codeOf } from "../lib/errors.ts";
import { secretToken } from "../lib/random.ts";
import { type Caller, roles } from "./roles.ts";

/** How long a ticket may wait to be used, in ms. */
const ticketMs: Millis = 60_000;
/** How long a browser stays let in, in ms. */
const sessionMs: Millis = 7 * 24 * 3_600_000;
/** Tickets that wait at once; the oldest goes for a further one. */
const maxTickets = 100;

/**
 * A ticket is good once, for a minute; it is exchanged for a session, which is an end, a role, who gave it, and a MAC of these. Nothing is stored
 * for each session, so that they outlive the engine's process; whoever deletes the key ends them all.
 */
export class BrowserSessions {
  readonly #key: Buffer;
  readonly #clock: Clock;
  /** When each was made, by monotonic time, and for whom; the oldest first. */
  readonly #tickets = new Map<string, { madeAt: Millis; caller: Caller }>();

  /** `key`: at least 32 secret bytes. */
  constructor(key: Buffer, clock: Clock) {
    this.#key = key;
    this.#clock = clock;
  }

  /** For a browser that may do what `caller` may. */
  ticket(caller: Caller): string {
    const oldest = this.#tickets.keys().next().value;
    if (this.#tickets.size >= maxTickets && oldest !== undefined) this.#tickets.delete(oldest);
    const ticket = secretToken();
    this.#tickets.set(ticket, { madeAt: this.#clock.monotonic(), caller });
    return ticket;
  }

  /** The session that `ticket` is good for, or null. */
  redeem(ticket: string): { session: string; maxAgeSeconds: number } | null {
    const found = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    if (found === undefined || this.#clock.monotonic() - found.madeAt > ticketMs) return null;
    const { id, role } = found.caller;
    const claim = `${this.#clock.wall() + sessionMs}.${role}.${id}.${secretToken()}`;
    return { session: `${claim}.${this.#sign(claim)}`, maxAgeSeconds: sessionMs / 1_000 };
  }

  /** Who let the browser of `session` in, and what it may do; null when nobody did, or it is over. */
  callerOf(session: string): Caller | null {
    const at = session.lastIndexOf(".");
    const claim = session.slice(0, Math.max(at, 0));
    const given = Buffer.from(session.slice(at + 1));
    const wanted = Buffer.from(this.#sign(claim));
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
    const [until, role, id = ""] = claim.split(".");
    const known = roles.find((each) => each === role);
    return known !== undefined && Number(until) > this.#clock.wall() ? { id, role: known } : null;
  }

  #sign(claim: string): string {
    return createHmac("sha256", this.#key).update(claim).digest("base64url");
  }
}

/** The key in `file`, made at first need, for its owner alone. */
export function sessionKey(file: string): Buffer {
  try {
    const key = Buffer.from(readFileSync(file, "utf8").trim(), "base64url");
    if (key.length >= 32) return key;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  const key = randomBytes(32);
  writeFileSync(file, `${key.toString("base64url")}\n`, { mode: 0o600 });
  return key;
}
