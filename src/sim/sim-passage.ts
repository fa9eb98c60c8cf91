import type { Grant } from "../gateway/grants.ts";
import { Line } from "../gateway/limits/line.ts";
import { providerOptions } from "../gateway/limits/provider-options.ts";
import { Routes, type RoutesOptions, type Target } from "../gateway/limits/routes.ts";
import { type Asked, type Hooks, Passage } from "../gateway/passage.ts";
import type { Account } from "../gateway/scopes.ts";
import type { ServedModel } from "../gateway/served-model.ts";
import { SimulatedResponse } from "../gateway/simulator/response.ts";
import type { Millis } from "../lib/clock.ts";
import type { Parked } from "../model/parked.ts";
import type { AttemptId } from "../model/records.ts";
import type { Bugs } from "./bugs.ts";
import type { Dice } from "./dice.ts";
import type { SimAccounts } from "./provider.ts";
import type { Process } from "./timeline.ts";

export interface PassageParts {
  process: Process;
  dice: Dice;
  bugs: Bugs;
  accounts: SimAccounts;
}

/** Asks an account once. */
export type Ask = (account: string, hooks: Hooks) => Promise<Asked>;

/** As many as the gateway has by default. */
const [maxWaiting, maxRepeats] = [4_096, 8];
/** Bytes of a request. */
const bytes = 400;

/** The shipped way to the providers, with its limits, breakers and repeats: only the provider and the wire are simulated. */
export class SimPassage {
  readonly #parts: PassageParts;
  readonly #passages = new Map<string, { line: Line<Target>; passage: Passage }>();
  readonly #models = new Map<string, ServedModel>();

  constructor(parts: PassageParts) {
    this.#parts = parts;
  }

  /** A request that may be cut by `running`. False when it was ended before it was answered. */
  async carry(grant: Pick<Grant, "live" | "running">, account: Account, model: string, ask: Ask): Promise<boolean> {
    const response = new SimulatedResponse();
    await this.#of(account.attempt).passage.carry({
      grant: Object.assign(grant, { model: this.#model(model), account }) as Grant,
      response: response.real,
      bytes,
      ask: (target, hooks) => ask(accountOf(target), hooks),
    });
    return !response.destroyed;
  }

  parked(): Parked[] {
    const { process } = this.#parts;
    const origin = process.wall() - process.monotonic();
    const waiting = [...this.#passages.values()].flatMap(({ line }) => line.list());
    return waiting.map(({ team, attempt, why, until }) => ({ team, attempt, why, until: until && until + origin }));
  }

  parkedMsOf(attempt: AttemptId): Millis {
    return this.#of(attempt).passage.parkedMsOf(attempt);
  }

  forget(attempt: AttemptId): void {
    this.#of(attempt).passage.forget(attempt);
  }

  /** One for all: with a bug, one for each attempt, so that none knows what another was told. */
  #of(attempt: AttemptId | null) {
    const key = this.#parts.bugs.limitsOfItsOwn ? (attempt ?? "") : "";
    const known = this.#passages.get(key) ?? this.#open();
    this.#passages.set(key, known);
    return known;
  }

  #open() {
    const { process: clock, dice: random, bugs, accounts } = this.#parts;
    const options: RoutesOptions = {
      providers: providerOptions({ sim: accounts.options }),
      unlimited: new Set(),
      random,
      log: () => {},
      find: async (name) => this.#model(name),
    };
    const line = new Line<Target>(clock, maxWaiting);
    const routes = bugs.routes?.(options) ?? new Routes(options);
    return { line, passage: new Passage({ clock, random, line, routes, maxRepeats }) };
  }

  #model(name: string): ServedModel {
    const target = { provider: "sim", id: name, api: "openai-completions", description: {} };
    const known = this.#models.get(name) ?? ({ target, api: "openai-completions" } as ServedModel);
    this.#models.set(name, known);
    return known;
  }
}

function accountOf({ account }: Target): string {
  return account ?? "FIRST_KEY";
}
