/**
 * What the gateway adds on the way to a model, beside a bare Node reverse proxy; each part in a process of its own.
 *
 * What is added is what a first token takes through the part, less what it takes past it, at the same time and under the
 * same load: while the streams run through the part, every other request goes to the provider directly. Requests come at an
 * even pace, whatever becomes of the others (an open loop), at a rate far below what the parts can take: beyond that the times
 * would be those of a queue, which grows for as long as one measures. Client and provider share the cores with the part, so
 * on a busy machine the highest percentiles are still of waiting for a core. The processor time of the part has none of that.
 */
import { firstTokens, Part, throughput } from "./gateway/load.ts";
import { type Bench, type Figure, median, quantile } from "./harness.ts";

const streams = 500;
/** Of one stream. At 500 at once that is 50 new ones a second, and 500 tokens. */
const slow = { tokens: 10, gapMs: 1_000 };

export const bench: Bench = {
  name: "gateway",
  about: `added latency to the first token with ${streams} streams at once, memory, and throughput beside a bare proxy`,
  async run({ quick }) {
    const provider = await Part.start("provider");
    const [direct = ""] = provider.urls;
    const proxy = await Part.start("proxy", direct);
    const gateway = await Part.start("gateway", direct, String(streams));
    try {
      return await measured({ provider, proxy, gateway }, quick);
    } finally {
      await Promise.all([provider, proxy, gateway].map((part) => part.stop()));
    }
  },
};

interface Parts {
  provider: Part;
  proxy: Part;
  gateway: Part;
}

async function measured({ provider, proxy, gateway }: Parts, quick: boolean): Promise<Figure[]> {
  const [count, rounds] = quick ? [500, 1] : [1_000, 3];
  for (const { urls } of [proxy, gateway]) await throughput({ urls, tokens: 20, gapMs: 0 }, 16, 1_000);
  const { rssBytes: before } = await gateway.usage();
  const times: Record<"proxy" | "gateway", Round[]> = { proxy: [], gateway: [] };
  for (let round = 0; round < rounds; round++) {
    // By turns, so that a busy machine is busy for both.
    times.proxy.push(await oneRound(proxy, provider, count));
    times.gateway.push(await oneRound(gateway, provider, count));
  }
  const { rssBytes: after } = await gateway.usage();
  const [bare, served] = await rates({ proxy, gateway }, quick ? 3 : 7);
  const added = (share: number, aim: number): Figure => {
    const of = (part: "proxy" | "gateway") =>
      median(times[part].map(({ through, past }) => quantile(through, share) - quantile(past, share)));
    return {
      name: `added to the first token by the gateway, p${share * 100} of ${count}, median of ${rounds}`,
      value: of("gateway"),
      unit: "ms",
      aim: { below: aim },
      beside: [
        { name: "bare proxy", value: of("proxy") },
        { name: "direct", value: median(times.gateway.map(({ past }) => quantile(past, share))) },
      ],
    };
  };
  const cpuMs = (part: "proxy" | "gateway") => median(times[part].map((round) => round.cpuMs));
  return [
    added(0.5, 1),
    added(0.99, 5),
    {
      name: `processor time of the gateway for a stream of ${slow.tokens} tokens`,
      value: cpuMs("gateway"),
      unit: "ms",
      aim: null,
      beside: [{ name: "bare proxy", value: cpuMs("proxy") }],
    },
    {
      name: `memory of the gateway with ${streams} streams, growth`,
      value: (after - before) / 2 ** 20,
      unit: "MiB",
      aim: { below: 128 },
      beside: [{ name: "in all", value: after / 2 ** 20 }],
    },
    {
      name: "throughput beside a bare proxy, median of rounds",
      value: served / bare,
      unit: "",
      aim: { above: 0.6 },
      beside: [
        { name: "gateway requests/s", value: served },
        { name: "bare proxy requests/s", value: bare },
      ],
    },
  ];
}

/** First tokens, in ms, and what a stream took of the processor. */
interface Round {
  through: number[];
  past: number[];
  cpuMs: number;
}

async function oneRound(part: Part, provider: Part, count: number): Promise<Round> {
  const before = await part.usage();
  const times = firstTokens({ ...slow, urls: part.urls }, streams, count);
  // As many as pass through it ask past it, in the gaps between them, but only for one token.
  const past = firstTokens({ ...slow, urls: provider.urls }, streams, count, { tokens: 1 });
  const [through, direct] = await Promise.all([times, past]);
  const after = await part.usage();
  return { through, past: direct, cpuMs: (after.cpuMs - before.cpuMs) / (streams + count) };
}

/** By turns too. */
async function rates(
  { proxy, gateway }: Omit<Parts, "provider">,
  rounds: number,
): Promise<[bare: number, served: number]> {
  const [bare, served]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    bare.push(await throughput({ urls: proxy.urls, tokens: 100, gapMs: 0 }, 64, 2_000));
    served.push(await throughput({ urls: gateway.urls, tokens: 100, gapMs: 0 }, 64, 2_000));
  }
  return [median(bare), median(served)];
}
