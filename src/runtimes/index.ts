import { GodelError } from "../lib/errors.ts";
import { didYouMean } from "../lib/nearest.ts";
import type { RuntimeName } from "../model/records.ts";
import { mendSession } from "./pi/saved-session.ts";
import type { Runtime } from "./runtime.ts";
import { type ReadSession, sessionReader } from "./saved-session.ts";

export {
  type AgentSpec,
  type Runtime,
  type RuntimeAgent,
  type RuntimeEvent,
  type Settled,
  type ToolCall,
  type Work,
  watchMs,
} from "./runtime.ts";
export type { ReadSession, Refused, SavedSession } from "./saved-session.ts";
export { scrubbedEnv } from "./scrubbed-env.ts";
export { failed } from "./settled.ts";

interface Entry {
  /** Whether its agents talk to a model. */
  needsModel: boolean;
  /** How a session that a dead agent left on disk is read; null for a runtime that cannot go on with one. */
  readSession: ReadSession | null;
  /** Loads the code of the runtime, which only its hosts pay for. */
  open(): Promise<Runtime>;
}

const runtimes: Record<string, Entry> = {
  pi: {
    needsModel: true,
    readSession: sessionReader(mendSession),
    open: async () => (await import("./pi/pi-runtime.ts")).piRuntime(),
  },
  command: {
    needsModel: false,
    readSession: null,
    open: async () => (await import("./command/command-runtime.ts")).commandRuntime(),
  },
};

/** The runtime called `name`. @throws GodelError RUNTIME_UNKNOWN */
export function openRuntime(name: RuntimeName): Promise<Runtime> {
  return entry(name).open();
}

/** @throws GodelError RUNTIME_UNKNOWN */
export function runtimeNeedsModel(name: RuntimeName): boolean {
  return entry(name).needsModel;
}

/** Null for a runtime whose agents begin each attempt anew. @throws GodelError RUNTIME_UNKNOWN */
export function sessionsOf(name: RuntimeName): ReadSession | null {
  return entry(name).readSession;
}

function entry(name: RuntimeName): Entry {
  const found = Object.hasOwn(runtimes, name) ? runtimes[name] : undefined;
  if (found) return found;
  throw new GodelError("RUNTIME_UNKNOWN", `no runtime is called "${name}".${didYouMean(name, Object.keys(runtimes))}`);
}
