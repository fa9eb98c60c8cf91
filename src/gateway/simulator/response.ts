import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";

/** What a passage does with the answer to an agent, without a connection: it is the caller who knows what was said. */
export class SimulatedResponse extends EventEmitter {
  statusCode = 0;
  destroyed = false;
  headersSent = false;

  /** As a passage takes it. */
  get real(): ServerResponse {
    return this as unknown as ServerResponse;
  }

  writeHead(status: number): this {
    this.statusCode = status;
    return this;
  }

  end(): this {
    return this;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}
