import { totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { Bench, Figure } from "./harness.ts";
import { measureGodel } from "./spawn/godel.ts";
import { measureProcesses } from "./spawn/processes.ts";

/** On 2 cores. */
const aims: Record<number, { coldS?: number; warmS?: number }> = { 50: { coldS: 2.5, warmS: 0.5 }, 1000: { coldS: 8 } };
const memoryAimMb = 2;
/** What one `pi --mode rpc` holds, for saying beforehand that a fleet of them would not fit. */
const processMb = 120;

/**
 * Cold: from starting the engine on an empty home until all agents are ready; node, hosts and compile cache are new.
 * Warm: from asking a running engine for a team, after an earlier team of the same size has ended.
 * Beside them, one `pi --mode rpc` process for each agent, four at a time, in the same run.
 */
export const bench: Bench = {
  name: "spawn",
  about: "time until 10, 50, 200 and 1,000 pi agents are ready, and their memory, beside a process for each",
  async run({ quick }) {
    const figures: Figure[] = [];
    for (const count of quick ? [10, 50] : [10, 50, 200, 1_000]) {
      const godel = await measureGodel(count);
      const peer = fits(count) ? await measureProcesses(piCli(), count) : null;
      figures.push(...figuresOf(count, godel, peer));
    }
    return figures;
  },
};

type Godel = Awaited<ReturnType<typeof measureGodel>>;
type Peer = Awaited<ReturnType<typeof measureProcesses>> | null;

function figuresOf(count: number, godel: Godel, peer: Peer): Figure[] {
  const { coldS, warmS } = aims[count] ?? {};
  const beside = (value: number | undefined) => (value === undefined ? [] : [{ name: "a process each", value }]);
  return [
    {
      name: `${count} agents ready, cold`,
      value: godel.coldS,
      unit: "s",
      aim: coldS === undefined ? null : { below: coldS },
      beside: beside(peer?.readyS),
    },
    {
      name: `${count} agents ready, warm`,
      value: godel.warmS,
      unit: "s",
      aim: warmS === undefined ? null : { below: warmS },
      beside: [],
    },
    {
      name: `${count} agents: memory of an idle one, beyond its host's`,
      value: godel.agentMb,
      unit: "MB",
      aim: { below: memoryAimMb },
      beside: beside(peer?.agentMb),
    },
    {
      name: `${count} agents: memory of engine, node and ${godel.hosts} hosts`,
      value: godel.totalMb,
      unit: "MB",
      aim: null,
      beside: beside(peer?.totalMb),
    },
    { name: `${count} agents: failed`, value: godel.failed, unit: "", aim: { below: 1 }, beside: beside(peer?.failed) },
  ];
}

function fits(count: number): boolean {
  return count <= 50 && count * processMb * 1e6 < totalmem() / 2;
}

function piCli(): string {
  const sdk = import.meta.resolve("@earendil-works/pi-coding-agent");
  return fileURLToPath(new URL("./bundle/cli.js", sdk));
}
