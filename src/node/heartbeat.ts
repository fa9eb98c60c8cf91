import type { Clock, Millis } from "../lib/clock.ts";
import type { Activity, FromNode, Reserved } from "../model/link.ts";
import type { AgentId } from "../model/records.ts";
import type { NodeResources } from "../model/resources.ts";

export interface HeartbeatParts {
  clock: Clock;
  /** How many agent hosts there are. */
  hosts(): number;
  reserved(): Reserved[];
  /** Memory of the node's own process. */
  rssBytes(): number;
  measure(): NodeResources;
  send(frame: FromNode): void;
}

/** One sign of life for the whole node, with what its agents did since the last one. Silent while it is stopped. */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #activities = new Map<AgentId, Activity>();
  #cancel = () => {};

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** The newest activity of an agent is all that is told. */
  note(activity: Activity): void {
    this.#activities.set(activity.agent, activity);
  }

  start(everyMs: Millis): void {
    this.stop();
    const { clock, send, hosts, reserved, rssBytes, measure } = this.#parts;
    const due = clock.monotonic() + everyMs;
    this.#cancel = clock.after(everyMs, () => {
      send({
        type: "heartbeat",
        lagMs: Math.max(0, clock.monotonic() - due),
        rssBytes: rssBytes(),
        hosts: hosts(),
        activities: [...this.#activities.values()],
        reserved: reserved(),
        resources: measure(),
      });
      this.#activities.clear();
      this.start(everyMs);
    });
  }

  stop(): void {
    this.#cancel();
  }
}
