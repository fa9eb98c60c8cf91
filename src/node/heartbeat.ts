import type { Clock, Millis } from "../lib/clock.ts";
import type { Activity, FromNode } from "../model/link.ts";
import type { AgentId } from "../model/records.ts";

/** One sign of life for the whole node, with what its agents did since the last one. Silent while it is stopped. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #send: (frame: Extract<FromNode, { type: "heartbeat" }>) => void;
  readonly #hosts: () => number;
  readonly #activities = new Map<AgentId, Activity>();
  #cancel = () => {};

  constructor(parts: { clock: Clock; hosts: () => number; send: (frame: FromNode) => void }) {
    this.#clock = parts.clock;
    this.#hosts = parts.hosts;
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
      this.#send({ type: "heartbeat", lagMs, rssBytes: process.memoryUsage.rss(), hosts: this.#hosts(), activities });
      this.start(everyMs);
    });
  }

  stop(): void {
    this.#cancel();
  }
}
