/**
 * Answers kept by Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): who asks again with the same key and the
 * same request gets the first answer, and nothing is done again.
 *
 * Only what was done is kept; a refusal did nothing, and the same request may be tried again. Kept on the disk for a day,
 * so that a restart forgets none. An engine that dies after it did something and before it kept the answer is the one gap:
 * what is created then has an id made from the key, and is found by it.
 */
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";

const keptMs: Millis = 24 * 3_600_000;
/** Answers kept at once; the oldest go for further ones. */
const maxKept = 10_000;
/** A longer answer is not kept, in characters: then the request is done again. */
const maxChars = 16 << 20;

export interface Request {
  /** With who asks in it: two callers may choose the same. */
  key: string;
  operation: string;
  /** All that the answer depends on. */
  input: unknown;
  /** The answer is kept nowhere: whoever asks again is refused, and nothing is done again. */
  isSecret?: boolean;
}

export class AnsweredOnce {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #underWay = new Map<string, { fingerprint: string; answer: Promise<string> }>();

  /** `file`: made where it is not there; `:memory:` for none. */
  constructor(file: string, clock: Clock) {
    this.#clock = clock;
    this.#database = new DatabaseSync(file);
    this.#database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
       CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, answer TEXT NOT NULL, at REAL NOT NULL);
       CREATE INDEX IF NOT EXISTS answers_at ON answers (at);`,
    );
  }

  /** What `act` answers, or what it answered before. @throws GodelError IDEMPOTENCY_KEY_REUSED, and what `act` throws */
  async run(request: Request, act: () => Promise<string>): Promise<{ answer: string; repeated: boolean }> {
    const { key, isSecret = false } = request;
    const fingerprint = digest([request.operation, request.input]);
    const known = this.#underWay.get(key) ?? this.#kept(key);
    if (known) {
      if (known.fingerprint !== fingerprint) throw reused("the Idempotency-Key came before, with another request.");
      if (isSecret) throw reused("it was done, and answered with a secret, which is kept nowhere.");
      return { answer: await known.answer, repeated: true };
    }
    const answer = act();
    this.#underWay.set(key, { fingerprint, answer });
    try {
      const said = await answer;
      this.#keep(key, fingerprint, isSecret ? "" : said);
    } finally {
      this.#underWay.delete(key);
    }
    return { answer: await answer, repeated: false };
  }

  close(): void {
    this.#database.close();
  }

  #kept(key: string): { fingerprint: string; answer: string } | undefined {
    const since = this.#clock.wall() - keptMs;
    const query = "SELECT fingerprint, answer FROM answers WHERE key = ? AND at >= ?";
    return this.#database.prepare(query).get(key, since) as { fingerprint: string; answer: string } | undefined;
  }

  #keep(key: string, fingerprint: string, answer: string): void {
    if (answer.length > maxChars) return;
    const at = this.#clock.wall();
    this.#database.exec("BEGIN");
    this.#database.prepare("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)").run(key, fingerprint, answer, at);
    this.#database.prepare("DELETE FROM answers WHERE at < ?").run(at - keptMs);
    const old = "DELETE FROM answers WHERE rowid <= (SELECT max(rowid) FROM answers) - ?";
    this.#database.prepare(old).run(maxKept);
    this.#database.exec("COMMIT");
  }
}

function reused(why: string): GodelError {
  return new GodelError("IDEMPOTENCY_KEY_REUSED", why);
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

/** An id of `length` letters and digits that is always the same for `key`: what a request creates has it. */
export function idOfKey(kind: string, key: string, length = 7): string {
  const digits = BigInt(`0x${createHash("sha256").update(key).digest("hex")}`).toString(32);
  return kind + digits.slice(-length);
}
