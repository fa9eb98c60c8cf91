/** The API under many readers, and beside a bare server of the same library. */
import Fastify from "fastify";
import { clients } from "./api/clients.ts";
import { openFleet } from "./dashboard/fleet.ts";
import type { Bench, BenchOptions, Figure } from "./harness.ts";

const readers = 500;
const perSecond = 200;
const agents = 1_000;
const connections = 32;
/** The bound of the engine, where the system lets it open twice as many files. */
const crowdSize = 10_000;

export const bench: Bench = {
  name: "api",
  about: `${readers} readers of the stream at ${perSecond} events/s; reads beside a bare server; ${crowdSize} idle connections`,
  async run(options) {
    return [...(await fanOut(options)), ...(await reads(options)), ...(await crowd(options))];
  },
};

async function fanOut({ quick, seed }: BenchOptions): Promise<Figure[]> {
  const seconds = quick ? 4 : 20;
  const fleet = await openFleet(agents, seed);
  try {
    const alone = await cpuShare(() => fleet.churn(perSecond), seconds);
    let stop = () => {};
    let [before, started] = [process.cpuUsage(), performance.now()];
    const seen = await clients({ do: "follow", url: fleet.url, sockets: readers, seconds }, () => {
      stop = fleet.churn(perSecond);
      [before, started] = [process.cpuUsage(), performance.now()];
    });
    const share = shareOf(process.cpuUsage(before), performance.now() - started);
    stop();
    return [
      {
        ...figure(`engine, ${readers} readers`, share, "% of a core", { below: 30 }),
        beside: [{ name: "no reader", value: alone }],
      },
      figure("furthest behind, of any reader", seen.longestMs / 1_000, "s", { below: 1 }),
      figure("events taken by all readers", seen.perSecond, "/s", { above: 0.95 * readers * perSecond }),
    ];
  } finally {
    await fleet.close();
  }
}

async function reads({ quick, seed }: BenchOptions): Promise<Figure[]> {
  const seconds = quick ? 2 : 8;
  const fleet = await openFleet(10, seed);
  const bare = Fastify();
  const path = "/api/v1/teams";
  try {
    const body = await (await fetch(fleet.url + path, { headers: { authorization: "Bearer bench" } })).json();
    bare.get(path, () => body);
    const bareUrl = await bare.listen({ host: "127.0.0.1", port: 0 });
    const rate = async (url: string) =>
      (await clients({ do: "read", url: url + path, connections, seconds })).perSecond;
    // Each twice, by turns, so that a busy moment of the machine meets both.
    const [a, b, c, d] = [await rate(bareUrl), await rate(fleet.url), await rate(bareUrl), await rate(fleet.url)];
    const shown = figure("reads of /api/v1/teams, as a part of a bare Fastify's", (b + d) / (a + c), "", {
      above: 0.6,
    });
    return [
      {
        ...shown,
        beside: [
          { name: "bare, /s", value: (a + c) / 2 },
          { name: "engine, /s", value: (b + d) / 2 },
        ],
      },
    ];
  } finally {
    await bare.close();
    await fleet.close();
  }
}

async function crowd({ seed }: BenchOptions): Promise<Figure[]> {
  const fleet = await openFleet(10, seed);
  const more = 100;
  try {
    const asked = { do: "crowd", url: `${fleet.url}/api/v1/teams`, connections: crowdSize, more } as const;
    const { longestMs, refused = 0 } = await clients(asked);
    return [
      figure(`slowest of 200 reads beside ${crowdSize} idle connections`, longestMs, "ms", { below: 100 }),
      figure(`connections over the bound that were told so, of ${more}`, refused, "", { above: more - 1 }),
    ];
  } finally {
    await fleet.close();
  }
}

async function cpuShare(begin: () => () => void, seconds: number): Promise<number> {
  const end = begin();
  const [before, started] = [process.cpuUsage(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  end();
  return shareOf(process.cpuUsage(before), performance.now() - started);
}

function shareOf({ user, system }: NodeJS.CpuUsage, ms: number): number {
  return (100 * (user + system)) / 1_000 / ms;
}

function figure(name: string, value: number, unit: string, aim: Figure["aim"]): Figure {
  return { name, value, unit, aim, beside: [] };
}
