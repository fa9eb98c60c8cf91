/** One team's status and events as they come, across restarts of the engine. */
import { WebSocket } from "ws";
import type { Problem, StreamFrame } from "../api/wire.ts";
import { refusal } from "../client/transport.ts";
import { type Millis, sleep } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import { parseJson } from "../lib/json.ts";
import type { Cli } from "./cli.ts";
import { readEngineFile } from "./engine-file.ts";

/** How long to look for an engine that went away, in ms. */
const lookMs: Millis = 60_000;
const retryMs: Millis = 500;

export interface Watcher {
  /** Answers true when it has seen enough. */
  onFrame(frame: StreamFrame): boolean;
  /** The engine went away, or is back. */
  onLink(up: boolean): void;
}

export interface Watched {
  /** The team's id. */
  team: string;
  /** The last event that the watcher needs no more, by its number; null: it wants only what comes. */
  from: string | null;
}

/**
 * Resolves when `watcher` has seen enough or `signal` aborts.
 * @throws GodelError ENGINE_UNREACHABLE after a minute without an engine; what the engine refuses the stream with.
 */
export async function watch(cli: Cli, watched: Watched, watcher: Watcher, signal: AbortSignal): Promise<void> {
  let lastSeen = cli.clock.monotonic();
  let up = true;
  // Where to go on after a cut: whatever this reader missed is sent then.
  let { from } = watched;
  const link = (now: boolean) => {
    if (now !== up) watcher.onLink(now);
    up = now;
  };
  while (!signal.aborted) {
    const end = await listen(cli, { ...watched, from }, signal, (frame) => {
      from = frame.seq;
      lastSeen = cli.clock.monotonic();
      link(true);
      return watcher.onFrame(frame);
    });
    if (end !== "cut") return;
    link(false);
    if (cli.clock.monotonic() - lastSeen > lookMs) {
      throw new GodelError(
        "ENGINE_UNREACHABLE",
        `the engine has been away for ${lookMs / 1000} s; the team waits for it.`,
      );
    }
    await sleep(cli.clock, retryMs, signal);
  }
}

/** One connection. The engine's address is read anew each time: a new engine has a new token. */
function listen(
  cli: Cli,
  { team, from }: Watched,
  signal: AbortSignal,
  onFrame: (frame: StreamFrame) => boolean,
): Promise<"cut" | "enough"> {
  const engine = readEngineFile(cli.home);
  if (engine === null) return Promise.resolve("cut");
  const url = new URL("/api/v1/stream", engine.url.replace(/^http/, "ws"));
  url.searchParams.set("team", team);
  if (from !== null) url.searchParams.set("from", from);
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${engine.token}` } });
  return new Promise((resolve, reject) => {
    const stop = () => finish("enough");
    signal.addEventListener("abort", stop, { once: true });
    socket.on("message", (data) => {
      const frame = parseJson(String(data)) as StreamFrame | undefined;
      if (frame && onFrame(frame)) finish("enough");
    });
    socket.on("unexpected-response", (_request, response) => {
      // A new engine has a new token, and is about to write it.
      if (response.statusCode === 401) return finish("cut");
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const problem = parseJson(Buffer.concat(chunks).toString("utf8")) as Problem | undefined;
        settle(() => reject(refusal(problem, response.statusCode ?? 500)));
      });
    });
    socket.on("error", () => finish("cut"));
    socket.on("close", () => finish("cut"));

    function finish(end: "cut" | "enough"): void {
      settle(() => resolve(end));
    }
    function settle(outcome: () => void): void {
      signal.removeEventListener("abort", stop);
      socket.terminate();
      outcome();
    }
  });
}
