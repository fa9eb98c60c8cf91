import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export type Sdk = typeof import("@earendil-works/pi-coding-agent");

/**
 * pi's SDK, from its bundle: one file that loads in half the time of the package's 400 modules.
 * The package does not export it, so it is addressed by its place beside the exported entry.
 */
export async function loadSdk(): Promise<Sdk> {
  // Read by pi when it is first loaded: no version check, no telemetry, no model catalogs from the network.
  process.env.PI_OFFLINE = "1";
  process.env.PI_TELEMETRY = "0";
  const entry = fileURLToPath(import.meta.resolve("@earendil-works/pi-coding-agent"));
  return import(pathToFileURL(join(dirname(entry), "bundle", "index.js")).href);
}
