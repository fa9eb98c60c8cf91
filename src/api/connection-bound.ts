import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { GodelError } from "../lib/errors.ts";
import { maxOpenFiles } from "../lib/open-files.ts";

/** Connections at once where the system has files for them: half of those that the process may open. */
const most = 10_000;
/** Those over the bound that wait to be told; further ones are closed without a word. */
const spare = 200;

/** How many connections are open at once, to all servers of the engine: the journal needs files too. */
export class ConnectionBound {
  readonly #max: number;
  readonly #over = new WeakSet<Duplex>();
  #open = 0;

  /** `max`: default 10,000, or half of the files that the process may open. */
  constructor(max = Math.min(most, Math.floor((maxOpenFiles() ?? most * 2) / 2))) {
    this.#max = max;
  }

  /** Counts what connects to `server`; by `secureConnection` where it speaks TLS. */
  watch(server: Server, event: "connection" | "secureConnection" = "connection"): void {
    server.maxConnections = this.#max + spare;
    server.on(event, (socket: Duplex) => {
      this.#open++;
      if (this.#open > this.#max) this.#over.add(socket);
      socket.once("close", () => this.#open--);
    });
  }

  /** Refuses whatever comes over a connection that was one too many. @throws GodelError OVERLOADED */
  check(socket: Duplex): void {
    if (this.#over.has(socket)) throw new GodelError("OVERLOADED", `${this.#max} connections are open already.`);
  }
}
