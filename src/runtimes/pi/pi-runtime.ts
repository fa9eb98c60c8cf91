import { type Clock, type Millis, systemClock } from "../../lib/clock.ts";
import { GodelError, messageOf } from "../../lib/errors.ts";
import { inRange, resolveOptions } from "../../lib/options.ts";
import type { Runtime } from "../runtime.ts";
import { scrubbedEnv } from "../scrubbed-env.ts";
import { httpStatus } from "./http-status.ts";
import { openModels } from "./models.ts";
import { PiAgent } from "./pi-agent.ts";
import { loadSdk } from "./sdk.ts";
import type { Shared } from "./shared.ts";

export interface PiRuntimeOptions {
  /** When a command is stopped that the model gave no timeout, in ms. Default 600,000; 1,000 to 86,400,000. */
  commandTimeoutMs: Millis;
  /** How often a failed model request is repeated. Default 3; 0 to 10. */
  requestRetries: number;
  /** The first wait before a repeat, in ms; each further one doubles. Default 2000; 0 to 60,000. */
  retryDelayMs: Millis;
  /** What commands inherit, before secrets are taken out. Default: the environment of this process. */
  env: NodeJS.ProcessEnv;
  clock: Clock;
}

const defaults: PiRuntimeOptions = {
  commandTimeoutMs: 600_000,
  requestRetries: 3,
  retryDelayMs: 2_000,
  env: process.env,
  clock: systemClock,
};

/** pi sessions in this process. Loading pi takes 0.2–0.3 s once; a session then takes less than a millisecond. */
export async function piRuntime(given: Partial<PiRuntimeOptions> = {}): Promise<Runtime> {
  const options = resolveOptions(defaults, given);
  const sdk = await loadSdk();
  const shared: Shared = {
    sdk,
    models: await openModels(sdk),
    status: httpStatus(),
    clock: options.clock,
    env: scrubbedEnv(options.env),
    commandTimeoutMs: inRange("commandTimeoutMs", options.commandTimeoutMs, 1_000, 86_400_000),
    settings: settings(options),
  };
  return {
    name: "pi",
    needsModel: true,
    async start(spec, onEvent) {
      const { model } = spec;
      if (!model) throw new GodelError("RUNTIME_FAILED", `agent ${spec.id} has no model, and pi needs one`);
      try {
        return await PiAgent.start(shared, { ...spec, model }, onEvent);
      } catch (error) {
        throw new GodelError("RUNTIME_FAILED", `pi could not start ${spec.id}: ${messageOf(error)}`, { cause: error });
      }
    },
    close: async () => shared.status.close(),
  };
}

function settings(options: PiRuntimeOptions): Shared["settings"] {
  const maxRetries = inRange("requestRetries", options.requestRetries, 0, 10);
  const baseDelayMs = inRange("retryDelayMs", options.retryDelayMs, 0, 60_000);
  return {
    retry: { enabled: true, maxRetries, baseDelayMs },
    compaction: { enabled: true },
    // Warming asks the model between turns, for money.
    cacheWarming: "off",
    enableInstallTelemetry: false,
    enableAnalytics: false,
  };
}
