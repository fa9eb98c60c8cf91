import type { SettingsManager } from "@earendil-works/pi-coding-agent";
import type { Clock, Millis } from "../../lib/clock.ts";
import type { HttpStatus } from "./http-status.ts";
import type { Models } from "./models.ts";
import type { Sdk } from "./sdk.ts";

/** What all sessions of one host share. */
export interface Shared {
  sdk: Sdk;
  models: Models;
  status: HttpStatus;
  clock: Clock;
  /** The environment of commands, without secrets. */
  env: Record<string, string>;
  commandTimeoutMs: Millis;
  settings: Parameters<typeof SettingsManager.inMemory>[0];
}
