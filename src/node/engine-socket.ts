import { type FSWatcher, readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import WebSocket from "ws";
import { isFields, parseJson } from "../lib/json.ts";

/** A connection to the engine that `engine.json` names now: one that was restarted has another port and token. */
export function engineSocket(engineFile: string): WebSocket | null {
  const engine = readEngineFile(engineFile);
  if (!engine) return null;
  const url = new URL("/api/v1/link", engine.url.replace(/^http/, "ws"));
  return new WebSocket(url, { headers: { authorization: `Bearer ${engine.token}` }, maxPayload: 256 << 20 });
}

/** Calls `listener` when the file is written, until the answer is called. Not where the system has no watcher left to give. */
export function onEngineFile(engineFile: string, listener: () => void): () => void {
  let watcher: FSWatcher;
  try {
    watcher = watch(dirname(engineFile), { persistent: false });
  } catch {
    return () => {};
  }
  watcher.on("change", (_, name) => {
    if (name === basename(engineFile)) listener();
  });
  watcher.on("error", () => watcher.close());
  return () => watcher.close();
}

function readEngineFile(path: string): { url: string; token: string } | undefined {
  try {
    const file = parseJson(readFileSync(path, "utf8"));
    if (isFields(file) && typeof file.url === "string" && typeof file.token === "string") {
      return { url: file.url, token: file.token };
    }
  } catch {
    // No engine has written it yet, or it was just taken down.
  }
  return undefined;
}
