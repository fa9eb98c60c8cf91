/** Who changed what: a line of JSON for each request that changes something, done or refused. */
import { appendFileSync, renameSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { iso, systemClock } from "../lib/clock.ts";
import { codeOf, messageOf } from "../lib/errors.ts";
import { parseJson } from "../lib/json.ts";
import type { Log } from "../lib/log.ts";
import type { AuditEntry } from "./wire-access.ts";

/** A longer file begins anew, in bytes; one old one is kept beside it. */
const maxBytes = 8 << 20;
const maxBodyChars = 500;

export class Audit {
  readonly #file: string;
  readonly #log: Log;
  #bytes: number;
  #failing = false;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    this.#bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Hears of every request that `app` answers. */
  listen(app: FastifyInstance): void {
    app.addHook("onResponse", (request, { statusCode }, done) => {
      if (request.method === "POST" && request.url !== "/mcp") this.#write(entryOf(request, statusCode));
      done();
    });
  }

  /** The newest `limit`, the newest first. */
  async newest(limit: number): Promise<AuditEntry[]> {
    const texts = await Promise.all([this.#file, `${this.#file}.1`].map(textOf));
    const entries: AuditEntry[] = [];
    for (const text of texts) {
      for (const line of text.trimEnd().split("\n").reverse()) {
        // The last line of a process that was killed may be half of one.
        const entry = parseJson(line) as AuditEntry | undefined;
        if (entry && entries.length < limit) entries.push(entry);
      }
    }
    return entries;
  }

  #write(entry: AuditEntry): void {
    const line = `${JSON.stringify(entry)}\n`;
    try {
      if (this.#bytes > maxBytes) {
        renameSync(this.#file, `${this.#file}.1`);
        this.#bytes = 0;
      }
      appendFileSync(this.#file, line, { mode: 0o600 });
      this.#bytes += Buffer.byteLength(line);
      this.#failing = false;
    } catch (error) {
      // Said once, until it works again. The fleet goes on: its own journal has what was done.
      if (!this.#failing) this.#log(`audit entries are lost: ${messageOf(error)}`);
      this.#failing = true;
    }
  }
}

function entryOf(request: FastifyRequest, status: number): AuditEntry {
  const { caller, params, body, ip, routeOptions } = request;
  const { operation = request.url.split("?", 1)[0] ?? "" } = routeOptions.config as { operation?: string };
  return {
    at: iso(systemClock.wall()),
    who: caller?.id ?? "unknown",
    role: caller?.role ?? "",
    from: ip,
    operation: operation.slice(0, 100),
    params: (params ?? {}) as Record<string, string>,
    body: body === undefined || body === null ? "" : JSON.stringify(body).slice(0, maxBodyChars),
    status,
  };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "";
    throw error;
  }
}
