import { readFileSync } from "node:fs";
import WebSocket from "ws";
import { isFields, parseJson } from "../lib/json.ts";

/** A connection to the engine that `engine.json` names now: one that was restarted has another port and token. */
export function engineSocket(engineFile: string): WebSocket | null {
  const engine = readEngineFile(engineFile);
  if (!engine) return null;
  const url = new URL("/api/v1/link", engine.url.replace(/^http/, "ws"));
  return new WebSocket(url, { headers: { authorization: `Bearer ${engine.token}` }, maxPayload: 256 << 20 });
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
