import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";

export interface ProcessInfo {
  pid: number;
  parent: number;
  group: number;
  /** 0 where the system does not say. */
  session: number;
  /** When it started, in the system's own unit: with the pid it names one process, for pids are used again. */
  started: string;
}

const hasProc = existsSync("/proc/self/stat");

/** Every live process; zombies are left out. About 15 µs a process where there is /proc, else one run of `ps`. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  if (!hasProc) return parsePs(await runPs());
  return procPids()
    .map(readStat)
    .filter((info) => info !== undefined);
}

/** Whether this very process still runs. Without /proc, whether its pid is in use. */
export function isAlive({ pid, started }: ProcessInfo): boolean {
  return hasProc ? readStat(pid)?.started === started : isPidUsed(pid);
}

/** Whether some process of ours has this pid: the one that was meant, or one that was given it later. */
export function isPidUsed(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Other processes that were started with the entry `mark` (`NAME=VALUE`) in their environment, ours only.
 * Children inherit it, whatever session or parent they end up with. None where there is no /proc.
 */
export async function findMarked(mark: string): Promise<number[]> {
  if (!hasProc) return [];
  const others = procPids().filter((pid) => pid !== process.pid);
  const found = await Promise.all(others.map(async (pid) => ((await isMarked(pid, mark)) ? pid : undefined)));
  return found.filter((pid) => pid !== undefined);
}

/** The same as `findMarked`, in full. */
export async function listMarked(mark: string): Promise<ProcessInfo[]> {
  const pids = await findMarked(mark);
  return pids.map(readStat).filter((info) => info !== undefined);
}

/** What processes take together. */
export interface ProcessUsage {
  /** Sum of their resident memory; what they share counts for each. */
  rssBytes: number;
  processes: number;
  /** Of those that run, and of the children that they have waited for, in ms. */
  cpuMs: number;
  /** What they have passed to the system to write, to whatever it was, and the same of the children that they have waited for. */
  writtenBytes: number;
}

/**
 * What our processes take whose environment has an entry `name`, by its value. Nothing where there is no /proc.
 * Reads all processes: some 50 µs each.
 */
export async function usageByMark(name: string): Promise<Map<string, ProcessUsage>> {
  const usage = new Map<string, ProcessUsage>();
  if (!hasProc) return usage;
  for (const pid of procPids()) {
    const entry = (await readEnviron(pid)).split("\0").find((each) => each.startsWith(`${name}=`));
    const own = entry === undefined ? undefined : readUsage(pid);
    if (!entry || !own) continue;
    const value = entry.slice(name.length + 1);
    const sum = usage.get(value) ?? { rssBytes: 0, processes: 0, cpuMs: 0, writtenBytes: 0 };
    usage.set(value, {
      rssBytes: sum.rssBytes + own.rssBytes,
      processes: sum.processes + 1,
      cpuMs: sum.cpuMs + own.cpuMs,
      writtenBytes: sum.writtenBytes + own.writtenBytes,
    });
  }
  return usage;
}

/** Linux counts the time of processes in hundredths of a second for all who read it. See proc(5). */
const tickMs = 10;

function readUsage(pid: number): Omit<ProcessUsage, "processes"> | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, "latin1"));
  if (stat === undefined || status === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  return { rssBytes: kilobytes * 1_024, cpuMs: ticks * tickMs, writtenBytes: readWritten(pid) };
}

/** By calls to write (`wchar`), or through mapped memory to a disk (`write_bytes`): the larger of both. */
function readWritten(pid: number): number {
  const io = attempt(() => readFileSync(`/proc/${pid}/io`, "latin1")) ?? "";
  return Math.max(
    ...["wchar", "write_bytes"].map((name) => Number(new RegExp(`^${name}: (\\d+)`, "m").exec(io)?.[1] ?? 0)),
  );
}

function procPids(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
}

/** undefined for a process that is gone, or dead and not yet reaped. */
function readStat(pid: number): ProcessInfo | undefined {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  if (text === undefined) return undefined;
  // The name, in parentheses, may hold anything; the fields behind its last ")" are plain. See proc(5).
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group, session] = fields;
  if (state === "Z" || state === "X") return undefined;
  return { pid, parent: Number(parent), group: Number(group), session: Number(session), started: fields[19] ?? "" };
}

async function isMarked(pid: number, mark: string): Promise<boolean> {
  const environ = await readEnviron(pid);
  return `\0${environ}\0`.includes(`\0${Buffer.from(mark).toString("latin1")}\0`);
}

/** How often an environment that is empty is read again. */
const environTries = 5;

/** "" for a process of another user, or one that has just ended: neither is ours to find. */
async function readEnviron(pid: number): Promise<string> {
  for (let left = environTries; left > 0; left--) {
    const environ = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
    // While a process turns into another program (execve) its environment reads empty for a moment; a kernel thread,
    // which is no program, has none at all.
    if (environ !== "" || attempt(() => readlinkSync(`/proc/${pid}/exe`)) === undefined) return environ;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return "";
}

function runPs(): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("ps", ["-A", "-o", "pid=,ppid=,pgid=,stat="], (error, out) => (error ? reject(error) : resolve(out)));
  });
}

function parsePs(text: string): ProcessInfo[] {
  const rows = text.split("\n").map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([pid, , , state]) => pid && !state?.startsWith("Z"))
    .map(([pid, parent, group]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: 0,
      started: "",
    }));
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
