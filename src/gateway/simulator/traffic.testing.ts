/** Agents that ask through the shipped passage, in virtual time: only the provider and the wire are simulated. */
import { type Millis, sleep } from "../../lib/clock.ts";
import { ManualClock } from "../../lib/manual-clock.testing.ts";
import { type Random, seededRandom } from "../../lib/random.ts";
import type { End } from "../exchange.ts";
import type { Grant } from "../grants.ts";
import { Line } from "../limits/line.ts";
import { type GivenProvider, providerOptions } from "../limits/provider-options.ts";
import { Routes, type Target } from "../limits/routes.ts";
import { Passage } from "../passage.ts";
import { noCounts } from "../prices.ts";
import { refusals } from "../refusal.ts";
import type { ServedModel } from "../served-model.ts";
import type { Verdict } from "./account.ts";
import { SimulatedResponse } from "./response.ts";

export interface TrafficOptions {
  /** Whether a request is let in; `down` where the provider does not answer at all. */
  provider(at: Millis, target: Target, attempt: string): Verdict | "down";
  providers?: Record<string, GivenProvider>;
  /** Models that stand in, as `PROVIDER/ID`. */
  others?: string[];
  seed?: number;
}

export interface Answered {
  status: number;
  /** Of the provider that answered. */
  by: string;
  at: Millis;
}

/** One way to the provider and back, the wait for the first token, and the rest of an answer, in ms. */
const wireMs = 50;
const [firstMs, restMs] = [800, 2_000];

export class Traffic {
  readonly clock = new ManualClock();
  readonly random: Random;
  readonly line: Line<Target>;
  /** Requests that reached a provider. */
  sent = 0;
  private readonly options: TrafficOptions;
  private readonly passage: Passage;
  private readonly models = new Map<string, ServedModel>();

  constructor(options: TrafficOptions) {
    this.options = options;
    this.random = seededRandom(options.seed ?? 1);
    const { clock, random } = this;
    this.line = new Line(clock, 65_536);
    for (const name of ["acme/big", ...(options.others ?? [])]) this.models.set(name, servedModel(name));
    const routes = new Routes({
      providers: providerOptions(options.providers),
      unlimited: new Set(),
      random,
      log: () => {},
      find: async (name) => this.models.get(name) ?? Promise.reject(new Error(`${name} is not there`)),
    });
    this.passage = new Passage({ clock, random, line: this.line, routes, maxRepeats: 8 });
  }

  parkedMsOf(attempt: string): Millis {
    return this.passage.parkedMsOf(attempt);
  }

  /** One request of a team's agent; what it was answered. */
  async ask(attempt: string, team = "t", leaving?: AbortSignal): Promise<Answered> {
    const model = this.models.get("acme/big");
    const response = new SimulatedResponse();
    leaving?.addEventListener("abort", () => response.destroy(), { once: true });
    const grant = { model, live: true, running: new Set(), account: { team, attempt } } as unknown as Grant;
    const answered: Answered = { status: 0, by: "", at: 0 };
    await this.passage.carry({
      grant,
      response: response.real,
      bytes: 4_000,
      ask: async (target, hooks): Promise<End> => {
        this.sent += 1;
        const { clock } = this;
        await sleep(clock, wireMs);
        const verdict = this.options.provider(clock.monotonic(), target, attempt);
        await sleep(clock, wireMs);
        if (verdict === "down")
          return { kind: "failed", counts: null, refusal: refusals.unreachable("acme", "ECONNREFUSED") };
        const { status, headers } = verdict;
        if (status !== 200) return { kind: "refused", counts: null, status, headers, body: Buffer.from("{}") };
        hooks.onAccepted(headers);
        await sleep(clock, firstMs);
        hooks.onFirst();
        await sleep(clock, restMs * (0.5 + this.random.next()));
        answered.by = target.model.target.provider;
        response.statusCode = 200;
        return { kind: "passed", whole: true, counts: { ...noCounts, input: 1_000, output: 300 } };
      },
    });
    answered.status = response.destroyed ? 0 : response.statusCode;
    answered.at = this.clock.monotonic();
    return answered;
  }

  /** What a person allows a team when all that is set up is out. */
  standIn(team: string, model: string | undefined): void {
    this.passage.standIn(team, model);
  }

  pause(ms: Millis): Promise<void> {
    return sleep(this.clock, ms);
  }

  /** Lets time pass until `work` is done, from one event to the next. */
  async until<T>(work: Promise<T>): Promise<T> {
    let over = false;
    work
      .finally(() => {
        over = true;
      })
      .catch(() => {});
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (over) return work;
      if (!this.clock.passToNext()) throw new Error("nothing is due, and the work is not done");
    }
  }
}

function servedModel(name: string): ServedModel {
  const [provider = "", id = ""] = name.split("/");
  return {
    target: { provider, id, api: "openai-completions", description: {} },
    api: "openai-completions",
  } as ServedModel;
}
