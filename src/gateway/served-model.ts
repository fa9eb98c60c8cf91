import type { ModelTarget } from "../model/model-target.ts";
import type { ModelApi } from "./apis.ts";
import type { Prices } from "./prices.ts";

/** Where a model really is, with its key. Never leaves the gateway. */
export interface Upstream {
  /** Without a slash at the end. */
  baseUrl: string;
  /** Lower-case names; they replace whatever the agent sent. */
  headers: Record<string, string>;
  /** Texts that no agent may see, even where a provider's error repeats them. */
  secrets: string[];
}

/** A model that agents may be granted. */
export interface ServedModel {
  target: ModelTarget;
  api: ModelApi;
  prices: Prices;
  /** The provider's host name, shown to agents. */
  host: string;
  /** Whether the server knows `stream_options`. */
  usageInStream: boolean;
  /**
   * Looked up per request, for keys expire; cached within. `account`: the environment variable of a further account's key.
   * @throws GodelError MODEL_KEY_MISSING
   */
  upstream(account?: string | null): Promise<Upstream>;
  /** Called when the provider refuses the key, so that the next request looks it up anew. */
  forgetKey(): void;
}
