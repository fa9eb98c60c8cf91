import type { Clock, Millis } from "../lib/clock.ts";
import type { Activity, FromNode, Reserved } from "../model/link.ts";
import type { AgentId } from "../model/records.ts";

export interface HeartbeatParts {
  clock: Clock;
  /** How many agent hosts there are. */
  hosts(): number;
  reserved(): Reserved[];
  /** Memory of the node's own process. */
  rssBytes(): number;
  send(frame: FromNode): void;
}

/** One sign of life for the whole node, with what its agents did since the last one. Silent while it is stopped. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #send: (frame: Extract<FromNode, { type: "heartbeat" }>) => void;
  readonly #hosts: () => number;
  readonly #reserved: () => Reserved[];
  readonly #rssBytes: () => number;
  readonly #activities = new Map<AgentId, Activity>();
  #cancel = () => {};

  constructor(parts: HeartbeatParts) {
    this.#clock = parts.clock;
    this.#hosts = parts.hosts;
    this.#reserved = parts.reserved;
    this.#rssBytes = parts.rssBytes;
    this.#send = parts.send;
  }

  /** The newest activity of an agent is all that is told. */
  note(activity: Activity): void {
    this.#activities.set(activity.agent, activity);
  }

  start(everyMs: Millis): void {
    this.stop();
    const due = this.#clock.monotonic() + everyMs;
    this.#cancel = this.#clock.after(everyMs, () => {
      const lagMs = Math.max(0, this.#clock.monotonic() - due);
      const activities = [...this.#activities.values()];
      this.#activities.clear();
      const [hosts, reserved, rssBytes] = [this.#hosts(), this.#reserved(), this.#rssBytes()];
      this.#send({ type: "heartbeat", lagMs, rssBytes, hosts, activities, reserved });
      this.start(everyMs);
    });
  }

  stop(): void {
    this.#cancel();
  }
}
