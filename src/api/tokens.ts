/** Tokens that a person gave out: hashed, with a role, and an end if it has one. One file, written by the engine alone. */
import { createHash, timingSafeEqual } from "node:crypto";
import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { type Clock, iso } from "../lib/clock.ts";
import { codeOf, GodelError } from "../lib/errors.ts";
import { parseJson } from "../lib/json.ts";
import { didYouMean } from "../lib/nearest.ts";
import { secretToken, shortId, systemRandom } from "../lib/random.ts";
import type { Caller, Role } from "./roles.ts";
import type { CreatedToken, TokenView } from "./wire-access.ts";

/** Tokens that are kept, those that are over too; one more is refused. */
const maxTokens = 1_000;
const dayMs = 24 * 3_600_000;

interface Kept {
  id: string;
  name: string;
  role: Role;
  /** SHA-256, in hex. The secret has 192 random bits, so that no slow hash is called for. */
  hash: string;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
}

export class Tokens {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  /** `file`: made with the first token, mode 0600. @throws GodelError TOKENS_UNREADABLE */
  constructor(file: string, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    for (const token of readTokens(file)) this.#kept.set(token.id, token);
  }

  /** Whose token it is; null of one that is unknown, over or revoked. */
  callerOf(token: string): Caller | null {
    const [, id = "", secret = ""] = /^godel_([a-z0-9]+)_([\w-]+)$/.exec(token) ?? [];
    const kept = this.#kept.get(id);
    if (!kept || !this.isLive(id)) return null;
    return timingSafeEqual(hashOf(secret), Buffer.from(kept.hash, "hex")) ? { id, role: kept.role } : null;
  }

  isLive(id: string): boolean {
    const kept = this.#kept.get(id);
    return kept !== undefined && stateOf(kept, this.#clock.wall()) === "live";
  }

  list(): TokenView[] {
    return [...this.#kept.values()].map((token) => viewOf(token, this.#clock.wall()));
  }

  /** The secret is told this once. @throws GodelError OVERLOADED */
  create({ role, name = "", expiresDays }: { role: Role; name?: string; expiresDays?: number }): CreatedToken {
    if (this.#kept.size >= maxTokens) throw new GodelError("OVERLOADED", `there are ${maxTokens} tokens already.`);
    const [at, secret] = [this.#clock.wall(), secretToken()];
    const kept: Kept = {
      id: shortId(systemRandom, "k"),
      name,
      role,
      hash: hashOf(secret).toString("hex"),
      createdAt: at,
      expiresAt: expiresDays === undefined ? null : at + expiresDays * dayMs,
      revokedAt: null,
    };
    this.#kept.set(kept.id, kept);
    this.#write();
    return { ...viewOf(kept, at), token: `godel_${kept.id}_${secret}` };
  }

  /** Good no more, from now on. @throws GodelError TOKEN_NOT_FOUND */
  revoke(id: string): TokenView {
    const kept = this.#kept.get(id);
    if (!kept) throw new GodelError("TOKEN_NOT_FOUND", `no token "${id}".${didYouMean(id, [...this.#kept.keys()])}`);
    kept.revokedAt ??= this.#clock.wall();
    this.#write();
    return viewOf(kept, this.#clock.wall());
  }

  /** Readers find the old file or the new one, never half of one. */
  #write(): void {
    const temporary = `${this.#file}.new`;
    writeFileSync(temporary, `${JSON.stringify({ tokens: [...this.#kept.values()] }, null, 2)}\n`, { mode: 0o600 });
    chmodSync(temporary, 0o600);
    renameSync(temporary, this.#file);
  }
}

function viewOf(kept: Kept, now: number): TokenView {
  const { id, name, role, createdAt, expiresAt } = kept;
  const isoOrNull = expiresAt === null ? null : iso(expiresAt);
  return { id, name, role, state: stateOf(kept, now), createdAt: iso(createdAt), expiresAt: isoOrNull };
}

function stateOf({ expiresAt, revokedAt }: Kept, now: number): TokenView["state"] {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt <= now ? "expired" : "live";
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function readTokens(file: string): Kept[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
  const value = parseJson(text) as { tokens?: Kept[] } | undefined;
  if (Array.isArray(value?.tokens)) return value.tokens;
  throw new GodelError("TOKENS_UNREADABLE", `${file} holds no tokens that can be read.`);
}
