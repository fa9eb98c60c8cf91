import { GodelError } from "../lib/errors.ts";
import { didYouMean } from "../lib/nearest.ts";
import type { RuntimeName } from "../model/records.ts";
import type { Runtime } from "./runtime.ts";

export type { AgentSpec, Runtime, RuntimeAgent, RuntimeEvent, Settled, Work } from "./runtime.ts";
export { scrubbedEnv } from "./scrubbed-env.ts";
export { failed } from "./settled.ts";

interface Entry {
  /** Whether its agents talk to a model. */
  needsModel: boolean;
  /** Loads the code of the runtime, which only its hosts pay for. */
  open(): Promise<Runtime>;
}

const runtimes: Record<string, Entry> = {
  pi: { needsModel: true, open: async () => (await import("./pi/pi-runtime.ts")).piRuntime() },
  command: { needsModel: false, open: async () => (await import("./command/command-runtime.ts")).commandRuntime() },
};

/** The runtime called `name`. @throws GodelError RUNTIME_UNKNOWN */
export function openRuntime(name: RuntimeName): Promise<Runtime> {
  return entry(name).open();
}

/** @throws GodelError RUNTIME_UNKNOWN */
export function runtimeNeedsModel(name: RuntimeName): boolean {
  return entry(name).needsModel;
}

function entry(name: RuntimeName): Entry {
  const found = Object.hasOwn(runtimes, name) ? runtimes[name] : undefined;
  if (found) return found;
  throw new GodelError("RUNTIME_UNKNOWN", `no runtime is called "${name}".${didYouMean(name, Object.keys(runtimes))}`);
}
