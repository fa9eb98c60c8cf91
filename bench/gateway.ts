/** What the gateway adds on the way to a model, beside a bare Node reverse proxy; each part in a process of its own. */
import { firstTokens, Part, throughput } from "./gateway/load.ts";
import { type Bench, type Figure, median, quantile } from "./harness.ts";

const streams = 500;

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
  await throughput({ urls: gateway.urls, tokens: 20, gapMs: 0 }, 16, 1_000);
  const before = await gateway.rssBytes();
  const times = await firstTimes({ provider, proxy, gateway }, count, rounds);
  const after = await gateway.rssBytes();
  const [bare, served] = await rates({ provider, proxy, gateway }, quick ? 3 : 7);
  const added = (share: number, aim: number): Figure => {
    const of = (part: keyof Parts) => median(times.map((round) => quantile(round[part], share)));
    return {
      name: `added to the first token by the gateway, p${share * 100} of ${count}, median of ${rounds}`,
      value: of("gateway") - of("provider"),
      unit: "ms",
      aim: { below: aim },
      beside: [
        { name: "bare proxy", value: of("proxy") - of("provider") },
        { name: "direct", value: of("provider") },
      ],
    };
  };
  return [
    added(0.5, 1),
    added(0.99, 5),
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

type Times = Record<keyof Parts, number[]>;

/** In ms, by turns, so that a busy machine is busy for all. */
async function firstTimes(parts: Parts, count: number, rounds: number): Promise<Times[]> {
  const all: Times[] = [];
  for (let round = 0; round < rounds; round++) {
    const times: Times = { provider: [], proxy: [], gateway: [] };
    for (const part of ["provider", "proxy", "gateway"] as const)
      times[part] = await firstTokens({ urls: parts[part].urls, tokens: 10, gapMs: 500 }, streams, count);
    all.push(times);
  }
  return all;
}

/** By turns too. */
async function rates({ proxy, gateway }: Parts, rounds: number): Promise<[bare: number, served: number]> {
  const [bare, served]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    bare.push(await throughput({ urls: proxy.urls, tokens: 100, gapMs: 0 }, 64, 2_000));
    served.push(await throughput({ urls: gateway.urls, tokens: 100, gapMs: 0 }, 64, 2_000));
  }
  return [median(bare), median(served)];
}
