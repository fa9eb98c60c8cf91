import { readFileSync } from "node:fs";
import type { EngineFile } from "../api/wire.ts";
import { isFields, parseJson } from "../lib/json.ts";
import type { Home } from "../model/home.ts";

/** What `engine.json` says; null where there is none or it makes no sense. It may be stale: its engine killed. */
export function readEngineFile(home: Home): EngineFile | null {
  const file = parseJson(readText(home.engineFile));
  if (!isFields(file) || typeof file.url !== "string" || typeof file.token !== "string") return null;
  if (typeof file.pid !== "number") return null;
  return {
    pid: file.pid,
    nodePid: typeof file.nodePid === "number" ? file.nodePid : null,
    url: file.url,
    token: file.token,
    startedAt: String(file.startedAt ?? ""),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
