import type { CreateAgentSessionOptions, ModelRuntime } from "@earendil-works/pi-coding-agent";
import type { ModelTarget } from "../../model/model-target.ts";
import type { Sdk } from "./sdk.ts";

export type PiModel = NonNullable<CreateAgentSessionOptions["model"]>;

/** What pi sends as its key. The gateway knows an attempt by its address, and pi never holds a real key. */
const noKey = "godel";

export interface Models {
  readonly runtime: ModelRuntime;
  /** The model of `target`, to be asked at `url` and nowhere else. */
  at(target: ModelTarget, url: string): PiModel;
}

/** pi's registry of models, shared by all sessions of a host: no key, no file, no network. */
export async function openModels(sdk: Sdk): Promise<Models> {
  const runtime = await sdk.ModelRuntime.create({
    credentials: noCredentials,
    modelsPath: null,
    refreshOnCreate: false,
  });
  const plain = plainProvider(runtime);
  const known = new Set<string>();
  return {
    runtime,
    at(target, url) {
      // pi's own providers look for keys, and some for addresses, in the environment. Each name that is used gets the
      // plain provider instead: same wire formats, the address that the model says, and our key that is none.
      if (!known.has(target.provider)) runtime.registerNativeProvider({ ...plain, id: target.provider });
      known.add(target.provider);
      return {
        ...target.description,
        provider: target.provider,
        id: target.id,
        api: target.api,
        baseUrl: url,
      } as PiModel;
    },
  };
}

const noCredentials = {
  read: async () => undefined,
  list: async () => [],
  modify: async () => undefined,
  delete: async () => {},
};

/** A provider that picks the wire format by the model's `api` alone. pi composes one for any unknown name. */
function plainProvider(runtime: ModelRuntime) {
  const unused = {
    id: "none",
    name: "none",
    reasoning: false,
    input: ["text" as const],
    contextWindow: 1,
    maxTokens: 1,
  };
  runtime.registerProvider("godel", {
    baseUrl: "http://127.0.0.1:9",
    apiKey: noKey,
    api: "openai-completions",
    models: [{ ...unused, cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } }],
  });
  const provider = runtime.getProvider("godel");
  if (!provider) throw new Error("pi did not accept godel's provider");
  return provider;
}
