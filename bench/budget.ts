/** A hard budget, real agents and a model that would burn fifty times as much; `kill -9` of gateway and engine in some runs. */
import { join } from "node:path";
import { openLedgerFile } from "../src/gateway/ledger-file.ts";
import { systemClock } from "../src/lib/clock.ts";
import { noUsage } from "../src/model/usage.ts";
import { burn, type Run, type RunOptions } from "./budget/runs.ts";
import { type Bench, type Figure, inScratch, median, quantile } from "./harness.ts";

const whom: readonly RunOptions["kills"][] = ["nobody", "node", "engine", "both"];

export const bench: Bench = {
  name: "budget",
  about:
    "50 pi agents on $1 with a model that would burn $50: overshoot, with `kill -9` of gateway and engine in some runs",
  async run({ quick, seed }) {
    const runs: Run[] = [];
    const count = quick ? 4 : 20;
    for (let i = 0; i < count; i++) {
      const kills = whom[i % whom.length] ?? "nobody";
      const run = await burn({ seed: seed + i, agents: 50, budgetUsd: 1, kills });
      process.stderr.write(`run ${i + 1}, kills ${kills}: ${JSON.stringify(run)}\n`);
      runs.push(run);
    }
    return [...figures(runs), ...(await appendFigures(quick ? 2_000 : 20_000))];
  },
};

function figures(runs: readonly Run[]): Figure[] {
  const plain = (name: string, value: number, unit: string): Figure => ({ name, value, unit, aim: null, beside: [] });
  return [
    {
      name: `overshoot of $1 by the provider's books, worst of ${runs.length} runs`,
      value: Math.max(...runs.map(({ overshootUsd }) => overshootUsd)),
      unit: "USD",
      aim: { below: 1e-9 },
      beside: [{ name: "kills", value: runs.reduce((sum, { kills }) => sum + kills, 0) }],
    },
    {
      name: "billed and not recorded, worst of all runs",
      value: Math.max(...runs.map(({ billedUsd, recordedUsd }) => billedUsd - recordedUsd)),
      unit: "USD",
      aim: { below: 1e-6 },
      beside: [],
    },
    plain("billed of the budget, median", median(runs.map(({ billedUsd }) => billedUsd)), "USD"),
    plain("recorded of the budget, median", median(runs.map(({ recordedUsd }) => recordedUsd)), "USD"),
    plain("requests a run, median", median(runs.map(({ requests }) => requests)), ""),
  ];
}

/** What the ledger adds to a request before it goes out: one line. */
async function appendFigures(count: number): Promise<Figure[]> {
  return inScratch(async (folder) => {
    const ledger = openLedgerFile(join(folder, "ledger.log"), systemClock, () => {});
    ledger.load();
    const payer = { attempt: "t/k/1", task: "t/k", team: "t" };
    const times = Array.from({ length: count }, (_, id) => {
      const start = performance.now();
      ledger.append({ type: "reserved", id, at: 0, worst: noUsage, ...payer });
      return (performance.now() - start) * 1_000;
    });
    ledger.close();
    return [0.5, 0.99].map(
      (share): Figure => ({
        name: `a reservation written down, p${share * 100}`,
        value: quantile(times, share),
        unit: "µs",
        aim: share === 0.5 ? { below: 1_000 } : { below: 5_000 },
        beside: [],
      }),
    );
  });
}
