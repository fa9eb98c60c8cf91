/** Server-sent events of a team, taken up again after a cut from the last number. */
import { placeOf } from "../api/operations/paths.ts";
import type { Query } from "../api/operations/table.ts";
import type { StreamFrame } from "../api/wire.ts";
import { type Millis, sleep, systemClock } from "../lib/clock.ts";
import { codeOf } from "../lib/errors.ts";
import { parseJson } from "../lib/json.ts";
import { type Engine, open, readAll, refusal, unreachable } from "./transport.ts";

export type Follow = Query<"followEvents"> & { signal?: AbortSignal };

const retryMs: Millis = 500;
/** Cuts in a row, without a frame in between, after which the engine is given up: half a minute. */
const maxCuts = 60;

/** @throws GodelError with the engine's code; ENGINE_UNREACHABLE after half a minute without an engine */
export async function* follow(engine: Engine, { signal, ...query }: Follow): AsyncGenerator<StreamFrame> {
  let { from } = query;
  for (let cuts = 0; !signal?.aborted; ) {
    try {
      for await (const frame of connection(engine, { ...query, from }, signal)) {
        from = frame.seq;
        cuts = 0;
        yield frame;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (codeOf(error) !== "ENGINE_UNREACHABLE" || ++cuts > maxCuts) throw error;
    }
    await sleep(systemClock, retryMs, signal);
  }
}

async function* connection(engine: Engine, query: Query<"followEvents">, signal: AbortSignal | undefined) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const { path } = placeOf("followEvents");
  const headers = { accept: "text/event-stream" };
  const response = await open(engine, {
    method: "GET",
    path: `${path}?${new URLSearchParams(given as [string, string][])}`,
    headers,
    signal,
  });
  if (response.statusCode !== 200) {
    throw refusal(parseJson(await readAll(response, engine.url)), response.statusCode ?? 500);
  }
  let rest = "";
  try {
    for await (const chunk of response.setEncoding("utf8")) {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        // Frames are one line each; an end that is told is not a frame.
        const data = /^event: (?!close$).*\ndata: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) yield parseJson(data) as StreamFrame;
      }
    }
  } catch (error) {
    throw unreachable(engine.url, error);
  }
}
