import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { inScratch } from "../harness.ts";

/** Starting more at once only makes each slower (measured: 50 in 7.4 s by fours, 8.0 to 11.1 s all at once). */
const startsAtOnce = 4;
const giveUpMs = 60_000;

/** The rival shape: one `pi --mode rpc` for each agent. Ready when it answers `get_state`. */
export function measureProcesses(cli: string, count: number) {
  return inScratch(async (folder) => {
    const configuration = piFolder(folder);
    const children: ChildProcess[] = [];
    const limit = pLimit(startsAtOnce);
    const start = performance.now();
    const starts = Array.from({ length: count }, () => limit(() => ready(cli, configuration, folder, children)));
    const failed = (await Promise.all(starts)).filter((up) => !up).length;
    const readyS = (performance.now() - start) / 1_000;
    const totalMb = children.reduce((sum, { pid }) => sum + ownMb(pid ?? 0), 0);
    await Promise.all(children.map(end));
    return { readyS, failed, totalMb, agentMb: totalMb / count };
  });
}

function ready(cli: string, configuration: string, cwd: string, children: ChildProcess[]): Promise<boolean> {
  const args = [
    "--mode",
    "rpc",
    "--no-session",
    "--offline",
    "--provider",
    "local",
    "--model",
    "m",
    "-ne",
    "-ns",
    "-np",
    "-nc",
    "--no-themes",
  ];
  const env = { ...process.env, PI_CODING_AGENT_DIR: configuration, PI_OFFLINE: "1", PI_TELEMETRY: "0" };
  const child = spawn(process.execPath, [cli, ...args], { cwd, env, stdio: ["pipe", "pipe", "ignore"] });
  children.push(child);
  return new Promise((resolve) => {
    const patience = setTimeout(() => resolve(false), giveUpMs);
    const settle = (up: boolean) => {
      clearTimeout(patience);
      resolve(up);
    };
    child.stdout.on("data", (data) => String(data).includes('"get_state"') && settle(true));
    child.once("exit", () => settle(false));
    child.stdin.write(`${JSON.stringify({ id: "1", type: "get_state" })}\n`);
  });
}

/** A model that is never asked. */
function piFolder(folder: string): string {
  const dir = join(folder, "pi");
  mkdirSync(dir, { recursive: true });
  const provider = {
    baseUrl: "http://127.0.0.1:9/v1",
    api: "openai-completions",
    apiKey: "x",
    models: [{ id: "m", contextWindow: 100_000 }],
  };
  writeFileSync(join(dir, "models.json"), JSON.stringify({ providers: { local: provider } }));
  return dir;
}

/** Proportional set size: pages that processes share are counted once among them. */
function ownMb(pid: number): number {
  const kb = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
  return Number(kb) / 1024;
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
