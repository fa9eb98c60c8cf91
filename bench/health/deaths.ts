/** From `kill -9` of a real agent host to the word that its agent is lost, in real time. */
import { join } from "node:path";
import { assert } from "../../src/lib/assert.ts";
import { HostPool } from "../../src/node/host-pool.ts";
import { type BenchOptions, type Figure, inScratch, median, quantile } from "../harness.ts";

const pollMs = 5_000;

export async function deathFigures({ quick }: BenchOptions): Promise<Figure[]> {
  const kills = quick ? 10 : 100;
  const waits = await inScratch((folder) => timeKills(folder, kills));
  // A poll sees it at its next turn, which is anywhere within its gap.
  const beside = [{ name: "a poll each 5 s", value: 0.99 * pollMs }];
  const name = `killed host told, of ${kills}`;
  return [
    { name: `${name}, p50`, value: median(waits), unit: "ms", aim: null, beside: [] },
    { name: `${name}, p99`, value: quantile(waits, 0.99), unit: "ms", aim: { below: 200 }, beside },
  ];
}

async function timeKills(folder: string, kills: number): Promise<number[]> {
  let onLost = () => {};
  const events = { onEvent() {}, onHostLost() {}, onHostHung() {}, onAgentLost: () => onLost() };
  const pool = new HostPool(events, { cacheDir: join(folder, "cache") });
  const waits: number[] = [];
  try {
    for (let kill = 0; kill < kills; kill++) {
      const spec = { id: `a${kill}`, skills: [], model: null, home: folder };
      const [agent] = await Promise.all(pool.start([{ spec, runtime: "command", alone: true }]));
      assert(agent !== undefined, "an agent that was asked for was not started");
      const lost = new Promise<void>((resolve) => {
        onLost = resolve;
      });
      const start = performance.now();
      process.kill(agent.hostPid, "SIGKILL");
      await lost;
      waits.push(performance.now() - start);
    }
  } finally {
    await pool.close();
  }
  return waits;
}
