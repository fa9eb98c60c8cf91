/** Models and keys as pi users keep them: pi's catalog, `models.json`, `auth.json` and the environment. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelRuntime } from "@earendil-works/pi-coding-agent";
import { GodelError } from "../lib/errors.ts";
import { isModelApi } from "./apis.ts";
import type { ProviderOptions } from "./limits/provider-options.ts";
import { type ModelName, unknownModel } from "./model-name.ts";
import { PiKeys, type PiModel, type PiOptions } from "./pi-keys.ts";
import { type Prices, readPrices } from "./prices.ts";
import type { ServedModel } from "./served-model.ts";

/** Files whose change makes pi's view stale. `auth.json` is not among them: pi reads it for each lookup. */
const watched = ["models.json", "models-store.json"];

export type PiModelsOptions = PiOptions & { providers?: ReadonlyMap<string, ProviderOptions> };

export class PiModels {
  private readonly options: PiModelsOptions;
  private loaded: Promise<ModelRuntime> | undefined;
  private served = new Map<string, ServedModel>();
  private stamp = "";

  constructor(options: PiModelsOptions) {
    this.options = options;
  }

  /**
   * The model with its key at hand. Reads `models.json` anew when it has changed.
   * @throws GodelError MODEL_UNKNOWN, MODEL_KEY_MISSING, MODEL_API_UNSUPPORTED
   */
  async find(asked: string, name: ModelName | undefined): Promise<ServedModel> {
    const runtime = await this.runtime();
    const model = name && runtime.getModel(name.provider, name.id);
    if (!model) throw this.unknown(asked, runtime);
    const known = this.served.get(asked) ?? this.serve(model, runtime);
    await known.upstream();
    this.served.set(asked, known);
    return known;
  }

  /** Of all that can be metered, by `PROVIDER/ID`. */
  async prices(): Promise<Map<string, Prices>> {
    const models = (await this.runtime()).getModels().filter(({ api }) => isModelApi(api));
    const { providers } = this.options;
    return new Map(models.map((model) => [`${model.provider}/${model.id}`, pricesOf(model, providers)]));
  }

  private serve(model: PiModel, runtime: ModelRuntime): ServedModel {
    const { api, provider, id } = model;
    if (!isModelApi(api)) {
      throw new GodelError("MODEL_API_UNSUPPORTED", `${provider}/${id} speaks ${api}, which godel cannot meter yet`);
    }
    const keys = new PiKeys(model, api, runtime, this.options);
    const { baseUrl, headers: _secret, ...description } = model;
    const compat = (model.compat ?? {}) as { supportsUsageInStreaming?: boolean };
    return {
      target: { provider, id, api, description: { ...description } },
      api,
      prices: pricesOf(model, this.options.providers),
      host: URL.parse(baseUrl)?.hostname ?? "",
      usageInStream: compat.supportsUsageInStreaming !== false,
      upstream: (account) => keys.upstream(account ?? null),
      forgetKey: () => keys.forget(),
    };
  }

  private unknown(asked: string, runtime: ModelRuntime): GodelError {
    const known = ["demo", ...runtime.getModels().map((model) => `${model.provider}/${model.id}`)];
    const error = unknownModel(asked, known);
    if (runtime.getError() === undefined) return error;
    // A models.json that pi cannot read looks like one without the model. What pi says of it may quote a key.
    return new GodelError(
      error.code,
      `${error.message} pi finds a fault in its models.json; \`pi --list-models\` shows it.`,
    );
  }

  private async runtime(): Promise<ModelRuntime> {
    const stamp = await this.filesStamp();
    if (stamp !== this.stamp || this.loaded === undefined) {
      this.stamp = stamp;
      this.served = new Map();
      this.loaded = this.load(this.loaded);
      this.loaded.catch(() => {
        this.loaded = undefined;
      });
    }
    return this.loaded;
  }

  private async load(before: Promise<ModelRuntime> | undefined): Promise<ModelRuntime> {
    const runtime = await before;
    if (runtime === undefined) return createRuntime(this.options.piDir);
    await runtime.refresh({ allowNetwork: false });
    return runtime;
  }

  private async filesStamp(): Promise<string> {
    const stamps = await Promise.all(watched.map((file) => fileStamp(join(this.options.piDir, file))));
    return stamps.join(" ");
  }
}

async function createRuntime(piDir: string): Promise<ModelRuntime> {
  // The bundle loads in half the time of the package's entry, and is not in its `exports`.
  const entry = import.meta.resolve("@earendil-works/pi-coding-agent");
  const pi: { ModelRuntime: typeof ModelRuntime } = await import(new URL("./bundle/index.js", entry).href);
  return pi.ModelRuntime.create({ authPath: join(piDir, "auth.json"), modelsPath: join(piDir, "models.json") });
}

/** Empty for a file that does not exist. */
async function fileStamp(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? "" : `${found.mtimeNs}:${found.size}:${found.ino}`;
}

/** Of pi's list, or what is given in its place: then for requests of any length. */
function pricesOf({ provider, id, cost }: PiModel, providers: PiModelsOptions["providers"]): Prices {
  const { inputUsd, outputUsd, cacheReadUsd, cacheWriteUsd } = providers?.get(provider)?.models[id] ?? {};
  const given = { input: inputUsd, output: outputUsd, cacheRead: cacheReadUsd, cacheWrite: cacheWriteUsd };
  const own = Object.fromEntries(Object.entries(given).filter(([, usd]) => usd != null));
  return readPrices(Object.keys(own).length === 0 ? cost : { ...cost, ...own, tiers: [] });
}
