/** In virtual time, or each would take ten minutes: the account and the wire are simulated, the way to them is shipped. */
import { type Storm, type StormResult, storm } from "../../src/gateway/simulator/storm.testing.ts";
import type { BenchOptions, Figure } from "../harness.ts";

const agents = 200;
const requestsPerMinute = 60;

/** By what the gateway may know: told by the user, by headers of two dialects, by `retry-after` alone, by nothing but the 429. */
const ways: [string, Pick<Storm, "says" | "providers">][] = [
  ["told in godel.yaml", { says: "openai", providers: { acme: { requestsPerMinute } } }],
  ["OpenAI's headers", { says: "openai" }],
  ["Anthropic's headers", { says: "anthropic" }],
  ["retry-after alone", { says: "bare" }],
  ["bare 429s", { says: "mute" }],
];

export async function stormFigures({ quick, seed }: BenchOptions): Promise<Figure[]> {
  const turns = quick ? 3 : 10;
  const figures: Figure[] = [];
  for (const [name, way] of ways) {
    const result = await storm({ agents, turns, requestsPerMinute, seed, ...way });
    figures.push(...figuresOf(`${agents} agents, 60 requests/min, ${name}`, result));
  }
  for (const says of ["bare", "mute"] as const) {
    // The account has room: one 429 that means nothing must not become its limit.
    const result = await storm({ agents, turns: 10, requestsPerMinute: 600, stray: 5, seed, says });
    figures.push(...figuresOf(`${agents} agents, 600 requests/min, ${says}, a stray 429 at the 5th`, result));
  }
  return figures;
}

export async function outageFigures({ seed }: BenchOptions): Promise<Figure[]> {
  const down: [number, number] = [2_000, 62_000];
  const result = await storm({ agents, turns: 10, says: "openai", requestsPerMinute: 60_000, seed, down });
  const name = "provider down for 60 s, 200 agents";
  return [
    figure(`${name}: agents that failed`, agents - result.finished, "agents", { below: 1 }),
    figure(`${name}: requests that met nobody`, result.unreachable, "requests", null),
    figure(`${name}: all done after`, result.tookMs / 1_000, "s (virtual)", null),
  ];
}

function figuresOf(name: string, result: StormResult): Figure[] {
  const wasted = result.refused / (result.accepted + result.refused);
  return [
    figure(`${name}: wasted requests`, 100 * wasted, "%", { below: 2 }),
    figure(`${name}: time over the lower bound`, 100 * (result.tookMs / result.boundMs - 1), "%", { below: 10 }),
    figure(`${name}: agents not done`, agents - result.finished, "agents", { below: 1 }),
  ];
}

function figure(name: string, value: number, unit: string, aim: Figure["aim"]): Figure {
  return { name, value, unit, aim, beside: [] };
}
