/** What the end of a request means: to limits and breakers, to whoever might repeat it, and to its agent. */
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { Millis } from "../lib/clock.ts";
import type { End } from "./exchange.ts";
import { judge } from "./fault.ts";
import { noAdvice, readAdvice } from "./limits/advice.ts";
import type { Leave } from "./limits/endpoint.ts";
import type { Route } from "./limits/route.ts";
import type { Target } from "./limits/routes.ts";
import { refuse } from "./refusal.ts";

interface Told {
  leave: Leave;
  route: Route<Target>;
  /** On the monotonic clock. */
  at: Millis;
  wall: Millis;
}

/** What the end says of the provider. */
export function tell(end: End, { leave, route, at, wall }: Told): void {
  if (end.kind === "failed") return leave.failed("broken", noAdvice, at);
  if (end.kind === "passed") return end.whole ? leave.succeeded() : leave.failed("broken", noAdvice, at);
  if (end.kind === "gone") return;
  const judgement = judge(end, route.hasOthers);
  if (judgement === null) return leave.succeeded();
  const advice = readAdvice(end.headers as IncomingHttpHeaders, wall);
  leave.failed(judgement.fault, advice, at, judgement.known);
}

/** What to do after it. */
export function againAfter(end: End, route: Route<Target>): "never" | "parked" | "repeat" {
  if (end.kind === "failed") return "repeat";
  if (end.kind !== "refused") return "never";
  const judgement = judge(end, route.hasOthers);
  if (judgement === null) return "never";
  return judgement.fault === "limit" ? "parked" : "repeat";
}

/** What it took, as far as it is known; the route learns from it. */
export function tookOf(end: End, route: Route<Target>, bytes: number) {
  if (end.counts === null) return {};
  const { input, cacheRead, cacheWrite, output } = end.counts;
  const took = { inputTokens: input + cacheRead + cacheWrite, outputTokens: output };
  if (end.kind === "passed" && end.whole) route.learn(bytes, took);
  return { ...took, tokens: took.inputTokens + took.outputTokens };
}

/** The answer of an end that nobody repeats; what has passed has been given. */
export function give(response: ServerResponse, end: End): void {
  if (end.kind === "failed") return refuse(response, end.refusal);
  if (end.kind !== "refused" || response.destroyed) return;
  response.writeHead(end.status, { ...end.headers, "content-length": end.body.length }).end(end.body);
}
