import type { ModelRuntime } from "@earendil-works/pi-coding-agent";
import type { Clock, Millis } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { ModelApi } from "./apis.ts";
import { writtenForms } from "./secrets.ts";
import type { Upstream } from "./served-model.ts";

export type PiModel = NonNullable<ReturnType<ModelRuntime["getModel"]>>;

export interface PiOptions {
  piDir: string;
  env: NodeJS.ProcessEnv;
  clock: Clock;
}

/** How long a looked-up key serves, in ms: a lookup may run a command of the user's, which blocks. */
const keepMs: Millis = 30_000;

type Found = NonNullable<Awaited<ReturnType<ModelRuntime["getAuth"]>>>["auth"];

/** The key of one model, looked up as pi does it. */
export class PiKeys {
  private readonly model: PiModel;
  private readonly api: ModelApi;
  private readonly runtime: ModelRuntime;
  private readonly options: PiOptions;
  /** By account. */
  private readonly current = new Map<string | null, { upstream: Promise<Upstream>; until: Millis }>();

  constructor(model: PiModel, api: ModelApi, runtime: ModelRuntime, options: PiOptions) {
    this.model = model;
    this.api = api;
    this.runtime = runtime;
    this.options = options;
  }

  /** `account`: an environment variable whose key is to be used. @throws GodelError MODEL_KEY_MISSING, MODEL_API_UNSUPPORTED */
  upstream(account: string | null = null): Promise<Upstream> {
    const now = this.options.clock.monotonic();
    const known = this.current.get(account);
    if (known && now < known.until) return known.upstream;
    const upstream = this.lookUp(account);
    this.current.set(account, { upstream, until: now + keepMs });
    upstream.catch(() => this.forget());
    return upstream;
  }

  forget(): void {
    this.current.clear();
  }

  private async lookUp(account: string | null): Promise<Upstream> {
    const asked: string[] = [];
    const found = account === null ? await this.ask(asked) : await this.askAs(account);
    if (found === undefined) throw this.missing(account === null ? asked : [account]);
    const baseUrl = (found.baseUrl ?? this.model.baseUrl).replace(/\/+$/, "");
    const fault = unusable(found, baseUrl);
    if (fault) throw new GodelError("MODEL_API_UNSUPPORTED", `${this.model.provider}: ${fault}`);
    const headers = headersFor(this.model, this.api, found);
    return { baseUrl, headers, secrets: secretsIn(found, headers) };
  }

  /** Everything as for the account that pi knows, but for the key. */
  private async askAs(account: string): Promise<Found | undefined> {
    const apiKey = this.options.env[account];
    return apiKey === undefined ? undefined : { ...(await this.ask([])), apiKey };
  }

  /** Undefined also where pi fails to look: its message may hold a command or a header, so it stays here. */
  private async ask(asked: string[]): Promise<Found | undefined> {
    const env = recorded(this.options.env, asked);
    const result = await this.runtime.getAuth(this.model, { env }).catch(() => undefined);
    return result?.auth;
  }

  private missing(asked: readonly string[]): GodelError {
    const names = [...new Set(asked)].filter((name) => !this.options.env[name]);
    // Of several that would do, the one for a plain key.
    const name = names.find((each) => each.endsWith("_API_KEY")) ?? names[0];
    const remedy = name === undefined ? "log in with pi's /login" : `set ${name}`;
    return new GodelError("MODEL_KEY_MISSING", `no key for ${this.model.provider}: ${remedy}`);
  }
}

/** `env` as pi wants it, noting which variables it asks for: those would supply the key. */
function recorded(env: NodeJS.ProcessEnv, asked: string[]): Record<string, string> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Proxy(Object.fromEntries(set), {
    get(target, name) {
      if (typeof name === "string" && !(name in target)) asked.push(name);
      return Reflect.get(target, name);
    },
  });
}

function unusable(found: Found, baseUrl: string): string | undefined {
  if (!found.apiKey && !found.headers) return "pi has a credential that yields no key for plain requests";
  // Such a token is good for the vendor's own agent alone, whose requests look different.
  if (found.apiKey?.startsWith("sk-ant-oat"))
    return "a Claude subscription cannot be used through the gateway; use a key";
  if (!URL.canParse(baseUrl) || /[{}]/.test(baseUrl)) return `its address ${baseUrl} is not complete`;
  return undefined;
}

/** What pi would send: the key in its vendor's header, then the model's own headers, then the provider's. */
function headersFor(model: PiModel, api: ModelApi, found: Found): Record<string, string> {
  const headers: Record<string, string> = {};
  if (found.apiKey) {
    const own = api === "anthropic-messages" && model.provider !== "github-copilot";
    headers[own ? "x-api-key" : "authorization"] = own ? found.apiKey : `Bearer ${found.apiKey}`;
  }
  for (const [name, value] of Object.entries({ ...model.headers, ...found.headers })) {
    // pi's null takes a header away.
    if (value === null) delete headers[name.toLowerCase()];
    else headers[name.toLowerCase()] = value;
  }
  return headers;
}

/** Longest first, so that a bare key is not cut out of a longer secret. */
function secretsIn(found: Found, headers: Record<string, string>): string[] {
  const credentials = Object.entries(headers).filter(([name]) => /auth|key|token|secret|cookie/.test(name));
  const values = [found.apiKey ?? "", ...credentials.flatMap(([, value]) => [value, value.replace(/^\w+ /, "")])];
  const forms = values.filter((value) => value.length >= 8).flatMap(writtenForms);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}
