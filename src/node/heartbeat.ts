import type { Clock, Millis } from "../lib/clock.ts";
import type { Activity } from "../model/activity.ts";
import type { FromNode } from "../model/link.ts";
import type { Parked } from "../model/parked.ts";
import type { AgentId, AttemptId } from "../model/records.ts";
import type { Reserved } from "../model/reserved.ts";
import type { NodeResources } from "../model/resources.ts";
import type { HostBeat, Sign } from "../model/signs.ts";
import type { RuntimeEvent } from "../runtimes/index.ts";

export interface HeartbeatParts {
  clock: Clock;
  /** Of the leader that hears it. */
  epoch(): string;
  /** How many agent hosts there are. */
  hosts(): number;
  reserved(): Reserved[];
  parked(): Parked[];
  /** Memory of the node's own process. */
  rssBytes(): number;
  measure(): NodeResources;
  /** Asks the hosts for signs of life. */
  ping(): void;
  /** How long ago each host gave one. */
  beats(): HostBeat[];
  /** How long the first parts of answers took since it was last asked, in ms. */
  firstTokens(): Millis[];
  send(frame: FromNode): void;
}

/** Signs of agents that one heartbeat tells at most: some for each of 1,000. */
const maxSigns = 5_000;

/** One sign of life for the whole node, with what its agents did since the last one. Silent while it is stopped. */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #clock: Clock;
  readonly #activities = new Map<AgentId, Activity>();
  #signs: { agent: AgentId; attempt: AttemptId; at: Millis; sign: Sign }[] = [];
  #cancel = () => {};

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
  }

  /** What an agent says word by word is told to those who watch it, and not here. */
  hear(agent: AgentId, event: Exclude<RuntimeEvent, { type: "session" | "tool" }>): void {
    if (event.type === "activity") this.note({ agent, attempt: event.attempt, text: event.text });
    else if (event.type === "sign") this.sign(agent, event.attempt, event.sign);
  }

  /** The newest activity of an agent is all that is told. */
  note(activity: Activity): void {
    this.#activities.set(activity.agent, activity);
  }

  /** All signs since the last beat are told, in order; those over the bound are left out. */
  sign(agent: AgentId, attempt: AttemptId, sign: Sign): void {
    if (this.#signs.length < maxSigns) this.#signs.push({ agent, attempt, at: this.#clock.monotonic(), sign });
  }

  /** Half a gap before each beat the hosts are asked, so that what it tells of them is fresh. */
  start(everyMs: Millis): void {
    this.stop();
    this.#after(everyMs / 2, (askedLateMs) => {
      this.#parts.ping();
      this.#after(everyMs / 2, (lateMs) => {
        this.#beat(Math.max(askedLateMs, lateMs));
        this.start(everyMs);
      });
    });
  }

  stop(): void {
    this.#cancel();
  }

  #after(delayMs: Millis, then: (lateMs: Millis) => void): void {
    const due = this.#clock.monotonic() + delayMs;
    this.#cancel = this.#clock.after(delayMs, () => then(Math.max(0, this.#clock.monotonic() - due)));
  }

  #beat(lagMs: Millis): void {
    const { epoch, hosts, reserved, parked, rssBytes, measure, beats, firstTokens, send } = this.#parts;
    const now = this.#clock.monotonic();
    const activities = [...this.#activities.values()];
    const signs = this.#signs.map(({ at, ...sign }) => ({ ...sign, agoMs: now - at }));
    this.#activities.clear();
    this.#signs = [];
    const held = {
      epoch: epoch(),
      hosts: hosts(),
      reserved: reserved(),
      parked: parked(),
      rssBytes: rssBytes(),
      hostBeats: beats(),
      resources: measure(),
      firstTokensMs: firstTokens(),
    };
    send({ type: "heartbeat", lagMs, activities, signs, ...held });
  }
}
