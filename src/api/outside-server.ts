/** The same API at an address that is not loopback: with TLS, or in the clear where a person said so. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { codeOf, GodelError, messageOf } from "../lib/errors.ts";
import { http } from "../lib/http.ts";
import type { ConnectionBound } from "./connection-bound.ts";
import { type ApiOptions, checkListening } from "./options.ts";

export type Outside = Pick<ApiOptions, "host" | "port" | "names" | "certFile" | "keyFile" | "insecure">;

export interface OutsideParts {
  /** As of the server on loopback. */
  server: Server;
  bound: ConnectionBound;
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export class OutsideServer {
  readonly #outside: Outside;
  readonly #server: Server;

  /** @throws GodelError LISTEN_REFUSED without TLS or leave to go without, or with files that are none */
  constructor(outside: Outside, { server, bound, onRequest, onUpgrade }: OutsideParts) {
    checkListening(outside);
    this.#outside = outside;
    const { headersTimeout, requestTimeout } = server;
    const patience = { headersTimeout, requestTimeout, connectionsCheckingInterval: headersTimeout / 2 };
    const hasTls = outside.certFile !== "";
    this.#server = hasTls ? tlsServer(outside, patience, onRequest) : http.createServer(patience, onRequest);
    this.#server.on("upgrade", onUpgrade);
    bound.watch(this.#server, hasTls ? "secureConnection" : "connection");
  }

  /** @throws GodelError PORT_TAKEN, LISTEN_REFUSED */
  async listen(): Promise<void> {
    const { host, port } = this.#outside;
    try {
      this.#server.listen(port, host);
      await once(this.#server, "listening");
    } catch (error) {
      const code = codeOf(error) === "EADDRINUSE" ? "PORT_TAKEN" : "LISTEN_REFUSED";
      throw new GodelError(code, `it cannot listen at ${host}, port ${port}: ${messageOf(error)}`);
    }
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function tlsServer(
  { certFile, keyFile }: Outside,
  patience: ServerOptions,
  onRequest: OutsideParts["onRequest"],
): Server {
  try {
    const keys = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    // A handshake may take as long as the head of a request.
    const { createServer } = process.getBuiltinModule("node:https");
    return createServer({ ...keys, ...patience, handshakeTimeout: patience.headersTimeout }, onRequest);
  } catch (error) {
    throw new GodelError("LISTEN_REFUSED", `the certificate or its key cannot be used: ${messageOf(error)}`);
  }
}

/** What a Host header may say there. */
export function namesOf(outside: Outside | undefined): string[] {
  if (!outside) return [];
  const { host, port, names } = outside;
  const all = names === "" ? [host] : names.split(",").map((name) => name.trim());
  return all.map((name) => `${name.includes(":") ? `[${name}]` : name}:${port}`.toLowerCase());
}
