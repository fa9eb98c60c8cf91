import { Ledger } from "../gateway/ledger.ts";
import { sleep } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { ModelTarget } from "../model/model-target.ts";
import type { Parked } from "../model/parked.ts";
import type { AttemptId } from "../model/records.ts";
import type { Usage } from "../model/usage.ts";
import type { Models } from "../node/ports.ts";
import { type Answer, type Grant, type ModelParts, Requests } from "./requests.ts";

/** Given as the reason, so that no error with a stack is made of each. */
const revoked = "revoked";

/** The gateway of one node process, as far as a node sees it: the shipped ledger with its reservations, and a simulated provider. */
export class SimModels implements Models {
  readonly #ledger: Ledger;
  readonly #requests: Requests;
  readonly #grants = new Map<AttemptId, Grant>();
  readonly #parts: ModelParts;
  /** It has told what the last process spent. */
  recovered = false;

  constructor(parts: ModelParts) {
    this.#parts = parts;
    this.#ledger = new Ledger({ store: parts.ledger, clock: parts.process });
    this.#requests = new Requests(parts, this.#ledger);
  }

  reservedOf(team: string): number {
    return this.#ledger.purseOf(team)?.reserved.usd ?? 0;
  }

  providers() {
    return [];
  }

  limit(...limits: Parameters<Models["limit"]>): void {
    this.#ledger.limit(...limits);
  }

  giveBack(scope: string, version: number) {
    return this.#ledger.giveBack(scope, version);
  }

  async choose(model: string) {
    return { model, tiers: [] };
  }

  parked(): Parked[] {
    return this.#requests.passage.parked();
  }

  parkedMsOf(attempt: AttemptId): number {
    return this.#requests.passage.parkedMsOf(attempt);
  }

  isEnded(): boolean {
    return false;
  }

  recover(report: Parameters<Models["recover"]>[0]): void {
    this.#ledger.recover(report);
    this.recovered = true;
  }

  get grants(): number {
    return this.#grants.size;
  }

  async resolve(model: string): Promise<ModelTarget> {
    await sleep(this.#parts.process, 5);
    if (this.#parts.trouble.isOn("model-refused")) throw new GodelError("MODEL_KEY_MISSING", `no key for ${model}`);
    return { provider: "sim", id: model, api: "sim", description: {} };
  }

  openTeam(team: Parameters<Models["openTeam"]>[0]): void {
    this.#ledger.openTeam(team);
  }

  closeTeam(id: string): void {
    for (const [attempt, { account }] of this.#grants) if (account.team === id) this.revoke(attempt);
    this.#ledger.closeTeam(id);
  }

  async grant({ model, ...money }: Parameters<Models["grant"]>[0]): Promise<{ url: string }> {
    await this.resolve(model);
    const { attempt } = money;
    const account = this.#ledger.account(money);
    for (const purse of account.purse.chain) purse.grants++;
    this.#grants.set(attempt, { account, model, live: true, running: new Set(), cut: new AbortController() });
    return { url: attempt };
  }

  revoke(attempt: AttemptId): void {
    const grant = this.#grants.get(attempt);
    if (!grant) return;
    this.#grants.delete(attempt);
    for (const purse of grant.account.purse.chain) purse.grants--;
    grant.live = false;
    for (const end of [...grant.running]) end();
    grant.cut.abort(revoked);
    this.#requests.passage.forget(attempt);
  }

  async complete(): Promise<{ text: string; usage: Usage }> {
    throw new GodelError("MODEL_FAILED", "the simulated model does not plan");
  }

  async close(): Promise<void> {
    for (const attempt of [...this.#grants.keys()]) this.revoke(attempt);
  }

  /** One request of an agent. */
  async request(attempt: AttemptId, alive: () => boolean): Promise<Answer> {
    const grant = this.#grants.get(attempt);
    return grant ? this.#requests.request(grant, alive) : "refused";
  }
}
