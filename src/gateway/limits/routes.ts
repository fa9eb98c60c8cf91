/** From a model to where its requests may go, by what godel.yaml says. */
import { CircuitBreaker } from "../../federation/circuit-breaker.ts";
import type { Millis } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Random } from "../../lib/random.ts";
import type { ProviderState } from "../../model/provider-state.ts";
import type { ServedModel } from "../served-model.ts";
import { Endpoint } from "./endpoint.ts";
import { Limit } from "./limit.ts";
import type { LimitOptions } from "./limit-options.ts";
import { modelDefaults, type ProviderOptions, providerDefaults } from "./provider-options.ts";
import { Route } from "./route.ts";

/** A model, and by which account it is asked: null by the one that pi knows. */
export interface Target {
  model: ServedModel;
  account: string | null;
}

export interface RoutesOptions {
  providers: ReadonlyMap<string, ProviderOptions>;
  /** Providers without any limits of their own. */
  unlimited: ReadonlySet<string>;
  random: Random;
  /** @throws GodelError where the model cannot be asked. */
  find(model: string): Promise<ServedModel>;
  log(line: string): void;
}

/** A provider that is parked for longer than this, in ms, is stood in for. */
const patienceMs: Millis = 30_000;

/** Sooner tried again than an agent's: one request tells. */
const breaker = { guards: "provider", failureThreshold: 5, openMs: 2_000, maxOpenMs: 30_000 } as const;

export class Routes {
  private readonly options: RoutesOptions;
  private readonly limits = new Map<string, Limit>();
  private readonly breakers = new Map<string, CircuitBreaker>();
  /** By name and model; of a model whose description changed, the newest. */
  private readonly endpointsByName = new Map<string, Map<string, Endpoint<Target>>>();
  private readonly routes = new WeakMap<ServedModel, Map<string, Promise<Route<Target>>>>();

  constructor(options: RoutesOptions) {
    this.options = options;
  }

  /** The same for each request of a model, until its description changes. `standIn`: what a person allows when all else is out. */
  of(model: ServedModel, standIn = ""): Promise<Route<Target>> {
    const routes = this.routes.get(model) ?? new Map<string, Promise<Route<Target>>>();
    this.routes.set(model, routes);
    const route = routes.get(standIn) ?? this.build(model, standIn);
    routes.set(standIn, route);
    return route;
  }

  providerOf({ target }: ServedModel): ProviderOptions {
    return this.options.providers.get(target.provider) ?? providerDefaults;
  }

  private async build(model: ServedModel, standIn: string): Promise<Route<Target>> {
    const names = [...this.standIns(model), ...(standIn === "" ? [] : [standIn])];
    const found = await Promise.all(names.map((name) => this.standIn(name, model)));
    const steps = [model, ...found.filter((each) => each !== undefined)].map((each) => this.endpoints(each));
    const { askAfterMs } = this.providerOf(model);
    return new Route(nameOf(model), steps, { patienceMs, askAfterMs }, this.options.random);
  }

  /** The chain: what is named, then the others of its tier. */
  private standIns(model: ServedModel): string[] {
    const { provider, id } = model.target;
    const { tier, fallback } = this.options.providers.get(provider)?.models[id] ?? modelDefaults;
    const all = [...this.options.providers].flatMap(([name, { models }]) =>
      Object.entries(models).map(([each, options]) => ({ name: `${name}/${each}`, tier: options.tier })),
    );
    const equals = tier === null ? [] : all.filter((each) => each.tier === tier).map(({ name }) => name);
    return [...new Set([...fallback, ...equals])].filter((name) => name !== nameOf(model));
  }

  private async standIn(name: string, model: ServedModel): Promise<ServedModel | undefined> {
    try {
      const found = await this.options.find(name);
      if (found.api === model.api) return found;
      this.options.log(`${name} cannot stand in for ${nameOf(model)}: it speaks ${found.api}, not ${model.api}`);
    } catch (error) {
      this.options.log(`${name} cannot stand in for ${nameOf(model)}: ${messageOf(error)}`);
    }
    return undefined;
  }

  private endpoints(model: ServedModel): Endpoint<Target>[] {
    const { provider, id } = model.target;
    const options = this.providerOf(model);
    return [null, ...options.accounts].map((account) => {
      const name = account === null ? provider : `${provider} (${account})`;
      const own = options.models[id];
      const limits = [this.limit(name, options), ...(own ? [this.limit(`${name} for ${id}`, own)] : [])];
      const shared = this.options.unlimited.has(provider) ? [] : limits;
      const endpoint = new Endpoint(name, { model, account }, shared, this.breaker(name));
      const known = this.endpointsByName.get(name) ?? new Map<string, Endpoint<Target>>();
      this.endpointsByName.set(name, known.set(id, endpoint));
      return endpoint;
    });
  }

  /** Every account that was asked for a model, by its name. `origin`: Unix time of the clock's zero. */
  shown(at: Millis, origin: Millis): ProviderState[] {
    return [...this.endpointsByName].map(([name, endpoints]) => {
      const limits = [...this.limits].filter(([each]) => each === name || each.startsWith(`${name} for `));
      const all = limits.map(([, limit]) => limit);
      const parked = all.flatMap((limit) => limit.parkedAt(at) ?? []).sort((a, b) => b.until - a.until)[0];
      const told = all.map((limit) => limit.shown(at));
      const latencies = [...endpoints.values()].flatMap(({ latencyMs }) => latencyMs ?? []);
      return {
        name,
        models: [...endpoints.keys()],
        breaker: this.breaker(name).state,
        parked: parked ? { until: parked.until + origin, why: parked.why } : null,
        inFlight: [...endpoints.values()].reduce((sum, { inFlight }) => sum + inFlight, 0),
        latencyMs: latencies.length === 0 ? null : Math.max(...latencies),
        learntPerMinute: told.map(({ learntPerMinute }) => learntPerMinute).find((rate) => rate !== null) ?? null,
        limits: told.flatMap(({ limits }) => limits),
      };
    });
  }

  private limit(name: string, told: LimitOptions): Limit {
    const known = this.limits.get(name) ?? new Limit(name, pickLimits(told), this.options.random);
    this.limits.set(name, known);
    return known;
  }

  private breaker(name: string): CircuitBreaker {
    const known = this.breakers.get(name) ?? new CircuitBreaker(breaker, this.options.random);
    this.breakers.set(name, known);
    return known;
  }
}

function nameOf({ target }: ServedModel): string {
  return `${target.provider}/${target.id}`;
}

function pickLimits(options: LimitOptions): LimitOptions {
  const { requestsPerMinute, tokensPerMinute, inputTokensPerMinute, outputTokensPerMinute, concurrency } = options;
  return { requestsPerMinute, tokensPerMinute, inputTokensPerMinute, outputTokensPerMinute, concurrency };
}
