import type { Server } from "node:http";
import type { Clock, Millis } from "../lib/clock.ts";
import { http } from "../lib/http.ts";
import { type Random, systemRandom } from "../lib/random.ts";
import type { Allowed, Limit } from "../model/budget.ts";
import type { ModelTarget } from "../model/model-target.ts";
import type { Parked } from "../model/parked.ts";
import type { ProviderState } from "../model/provider-state.ts";
import type { AttemptId, TeamId } from "../model/records.ts";
import type { ModelChoice } from "../model/tiers.ts";
import type { Usage } from "../model/usage.ts";
import { agentUrl } from "./apis.ts";
import { type CompletionRequest, completeOnce } from "./completion.ts";
import { demoProvider } from "./demo/model.ts";
import { FrontDoor } from "./front-door.ts";
import { checkedLimits, type GatewayLimits } from "./gateway-limits.ts";
import { Grants } from "./grants.ts";
import { Ledger } from "./ledger.ts";
import { type LedgerStore, memoryLedger } from "./ledger-entries.ts";
import { Line } from "./limits/line.ts";
import type { ProviderOptions } from "./limits/provider-options.ts";
import { Routes, type Target } from "./limits/routes.ts";
import { closeServer, listen } from "./listen.ts";
import { chooseModel } from "./model-choice.ts";
import { readModelName } from "./model-name.ts";
import { Passage } from "./passage.ts";
import { PiModels } from "./pi-models.ts";
import type { RequestRecord } from "./request-record.ts";
import type { GrantRequest, Spender, TeamMoney } from "./scopes.ts";
import { ServedDemo } from "./served-demo.ts";
import type { ServedModel } from "./served-model.ts";
import { type Connections, closeConnections, openConnections } from "./upstream.ts";
import { WaitingLines } from "./waiting-line.ts";

export interface GatewayOptions {
  /** Where pi keeps models.json and auth.json. */
  piDir: string;
  env: NodeJS.ProcessEnv;
  clock: Clock;
  /** Where spending is written down before it happens. Default: in memory, forgotten with the process. */
  ledger?: LedgerStore;
  /** After each request of an attempt, or of the planning of a team, with all it has used so far. Called in the middle of serving: must not throw. */
  onUsage(spender: Spender, cumulative: Usage): void;
  /** Each request to a provider, once it has ended. Must not throw. */
  onRequest?(record: RequestRecord): void;
  /** One line for people: a provider that bills more than it may. Default: standard error. */
  log?(line: string): void;
  limits?: Partial<GatewayLimits>;
  /** Limits, accounts and fallbacks, by provider. Default: none are told, all are learnt. */
  providers?: ReadonlyMap<string, ProviderOptions>;
  /** Default: the system's. */
  random?: Random;
}

/** A wait is told of when it has lasted so long, in ms: most are over before anybody could read of them. */
const shownAfterMs: Millis = 1_000;

/** The only way from agents to a model. Holds the keys, reserves before a request what it may cost, and meters what passes. */
export class Gateway {
  private readonly grants = new Grants();
  private readonly ledger: Ledger;
  private readonly connections: Connections;
  private readonly models: PiModels;
  private readonly demo: ServedDemo;
  private readonly server: Server;
  private readonly line: Line<Target>;
  private readonly piDir: string;
  private readonly passage: Passage;
  private readonly routes: Routes;
  private readonly clock: Clock;
  private port = 0;

  private constructor(options: GatewayOptions, limits: GatewayLimits) {
    const { clock, onUsage, log = console.error, ledger: store = memoryLedger() } = options;
    this.ledger = new Ledger({
      store,
      clock,
      onOverrun: (team, usd) => log(`team ${team}: a provider billed ${usd} USD more than the request allowed`),
    });
    const { budgetWaitMs: waitMs, maxBudgetWaiting: maxWaiting } = limits;
    const lines = new WaitingLines({ clock, waitMs, maxWaiting }, this.ledger.shared);
    this.connections = openConnections(limits.maxConnections);
    this.models = new PiModels(options);
    this.piDir = options.piDir;
    this.demo = new ServedDemo({ clock, latencyMs: limits.demoLatencyMs });
    const { grants, ledger, connections } = this;
    const { maxBodyBytes, maxAnswerBytes, maxRepeats } = limits;
    const random = options.random ?? systemRandom;
    const unlimited = new Set([demoProvider]);
    const { providers = new Map() } = options;
    this.routes = new Routes({ providers, unlimited, random, log, find: (model) => this.find(model) });
    this.line = new Line(clock, limits.maxLimitWaiting);
    this.clock = clock;
    this.passage = new Passage({ clock, random, line: this.line, routes: this.routes, maxRepeats });
    const patienceFor = (model: ServedModel) => this.routes.providerOf(model);
    const through = { passage: this.passage, connections, clock, patienceFor, maxBodyBytes, maxAnswerBytes };
    const { onRequest = () => {} } = options;
    const door = new FrontDoor({ grants, ledger, lines, onUsage, onRequest, ...through });
    this.server = http.createServer((request, response) => door.serve(request, response));
    this.server.maxConnections = limits.maxConnections;
  }

  /** Listens on a free port of loopback. @throws GodelError OPTION_UNKNOWN, OPTION_RANGE */
  static async open(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options, checkedLimits(options.limits));
    gateway.port = await listen(gateway.server);
    return gateway;
  }

  /**
   * What agents must know of a model, once its key is at hand.
   * @throws GodelError MODEL_UNKNOWN, MODEL_KEY_MISSING, MODEL_API_UNSUPPORTED
   */
  async resolve(model: string): Promise<ModelTarget> {
    return (await this.find(model)).target;
  }

  /** What is meant by "" and by `auto`. @throws GodelError MODEL_UNKNOWN */
  choose(model: string): Promise<ModelChoice> {
    return chooseModel(model, this.piDir, () => this.models.prices());
  }

  /** May come again, with another budget. */
  openTeam(team: TeamMoney): void {
    this.ledger.openTeam(team);
    this.passage.share(team.id, team.share);
    this.passage.standIn(team.id, team.standIn);
  }

  /** Ends all its grants and forgets its attempts. Does nothing for a team that is not open. */
  closeTeam(id: TeamId): void {
    this.grants.revokeWhere((grant) => grant.account.team === id);
    this.passage.share(id, undefined);
    this.passage.standIn(id, undefined);
    this.ledger.closeTeam(id);
  }

  /** A base URL that is good for one attempt and one model. @throws GodelError as `resolve`; TEAM_NOT_FOUND */
  async grant({ model, ...money }: GrantRequest): Promise<{ url: string }> {
    const served = await this.find(model);
    return { url: this.urlOf(this.grants.add(this.ledger.account(money), served).token, served) };
  }

  /** Later requests of the attempt get 401; running ones are cut. What they used until then is counted. */
  revoke(attempt: AttemptId): void {
    this.passage.forget(attempt);
    this.grants.revokeAttempt(attempt);
  }

  /** What this node may spend an hour, and ever, whatever its teams may. */
  limit(hour: Allowed, fleet: Allowed): void {
    this.ledger.limit(hour, fleet);
  }

  /** Keeps to half of what is left of an allowance, and says what that is in all. Null where it is another one by now. */
  giveBack(scope: string, version: number): Limit | null {
    return this.ledger.giveBack(scope, version);
  }

  /** Whether the attempt has been told that its budget has no room for more. */
  isEnded(attempt: AttemptId): boolean {
    return this.ledger.isEnded(attempt);
  }

  /**
   * Tells what every attempt and the planning of every team has spent, as the ledger knows it: more than was reported, if the last process died.
   * `report` says whether it is told for good; then what is behind is forgotten. Called again as the ledger grows.
   */
  recover(report: (spender: Spender, usage: Usage) => boolean): void {
    this.ledger.recover(report);
  }

  usageOf(attempt: AttemptId): Usage {
    return this.ledger.usageOf(attempt);
  }

  /** Attempts whose requests wait for a provider. They hold no money and no connection, and cost nothing. O(those). */
  parked(): Parked[] {
    const { clock, passage } = this;
    const origin = clock.wall() - clock.monotonic();
    const long = passage.parked().filter(({ since }) => clock.monotonic() - since >= shownAfterMs);
    return long.map(({ until, since, ...rest }) => ({
      ...rest,
      since: since + origin,
      until: until && until + origin,
    }));
  }

  /** Every account that was asked. */
  providers(): ProviderState[] {
    const now = this.clock.monotonic();
    return this.routes.shown(now, this.clock.wall() - now);
  }

  /** How long an attempt has waited for providers, in ms, in all. */
  parkedMsOf(attempt: AttemptId): Millis {
    return this.passage.parkedMsOf(attempt);
  }

  /** USD; 0 for a team that is not open. */
  spentOf(team: TeamId): number {
    return this.ledger.purseOf(team)?.spent.usd ?? 0;
  }

  /** USD that requests under way may still cost, at most; 0 for a team without a budget. */
  reservedOf(team: TeamId): number {
    return this.ledger.purseOf(team)?.reserved.usd ?? 0;
  }

  /** USD that providers have billed beyond what requests had been capped to. */
  overrunOf(team: TeamId): number {
    return this.ledger.purseOf(team)?.overrunUsd ?? 0;
  }

  /** One answer, by the same way that agents take. What it took for a team has been told to `onUsage` by then. @throws GodelError BUDGET_EXHAUSTED, MODEL_FAILED, as `resolve` */
  async complete({ model, team, ...asked }: CompletionRequest): Promise<{ text: string; usage: Usage }> {
    const { model: named, tiers } = await this.choose(model);
    const served = await this.find(tiers.at(-1)?.model ?? named);
    const grant = this.grants.add(this.ledger.account({ attempt: null, team }), served);
    try {
      const url = this.urlOf(grant.token, served);
      const text = await completeOnce({ url, served, ...asked, connections: this.connections });
      return { text, usage: grant.account.usage };
    } finally {
      this.grants.revoke(grant);
    }
  }

  /** Cuts what is under way. May be called twice. */
  async close(): Promise<void> {
    this.grants.revokeWhere(() => true);
    closeConnections(this.connections);
    await Promise.all([closeServer(this.server), this.demo.close()]);
    this.ledger.close();
  }

  private async find(model: string): Promise<ServedModel> {
    const name = readModelName(model);
    return name?.provider === demoProvider ? this.demo.find(name.id) : this.models.find(model, name);
  }

  private urlOf(token: string, { host, api }: ServedModel): string {
    return agentUrl(this.port, token, host, api);
  }
}
