/** What this machine has left for agents, read from the system: cheap enough for each heartbeat. */
import { readdirSync, readFileSync, statfsSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { maxOpenFiles } from "../lib/open-files.ts";
import type { NodeResources, Room } from "../model/resources.ts";

/** `paths`: the folders that are written to; the scarcest of their disks counts. What can't be told is null. */
export function measureResources(paths: readonly string[]): NodeResources {
  const disks = paths.flatMap((path) => attempt(() => [statfsSync(path)]) ?? []);
  return {
    disk: scarcest(disks.map(({ bavail, blocks, bsize }) => ({ free: bavail * bsize, total: blocks * bsize }))),
    // Some file systems have no fixed number of files, and say 0.
    inodes: scarcest(disks.filter(({ files }) => files > 0).map(({ ffree, files }) => ({ free: ffree, total: files }))),
    memory: scarcest([systemMemory(), cgroupMemory()].filter((room) => room !== null)),
    files: openFiles(),
    processes: cgroupProcesses(),
    memoryStall: memoryStall(),
    load: loadByCore(),
  };
}

/** The one with the least share left. */
function scarcest(rooms: readonly Room[]): Room | null {
  return rooms.reduce<Room | null>((least, room) => {
    return least === null || room.free / room.total < least.free / least.total ? room : least;
  }, null);
}

/** Elsewhere than on Linux the free memory says little: what the system caches is not in it. */
function systemMemory(): Room | null {
  const text = read("/proc/meminfo");
  if (text === null) return null;
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
  return roomOf(kilobytes("MemAvailable") * 1_024, kilobytes("MemTotal") * 1_024);
}

/** Of the control group that this process is in, where it is limited. What is cached and idle can be had at once. */
function cgroupMemory(): Room | null {
  const groups = cgroups();
  if (groups.unified !== null) {
    const total = number(join(groups.unified, "memory.max"));
    const used = number(join(groups.unified, "memory.current"));
    const room = limited(used, total, inactive(join(groups.unified, "memory.stat"), "inactive_file"));
    if (room) return room;
  }
  if (groups.memory === null) return null;
  const total = number(join(groups.memory, "memory.limit_in_bytes"));
  const used = number(join(groups.memory, "memory.usage_in_bytes"));
  return limited(used, total, inactive(join(groups.memory, "memory.stat"), "total_inactive_file"));
}

/** Version 1 writes a number near 2^63 for no limit. */
function limited(used: number | null, total: number | null, idle: number): Room | null {
  if (used === null || total === null || total > 2 ** 60) return null;
  return roomOf(Math.max(0, total - used + idle), total);
}

function inactive(path: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(read(path) ?? "")?.[1] ?? 0);
}

function cgroupProcesses(): Room | null {
  const { unified, pids } = cgroups();
  for (const folder of [unified, pids]) {
    if (folder === null) continue;
    const [used, total] = [number(join(folder, "pids.current")), number(join(folder, "pids.max"))];
    if (used !== null && total !== null) return roomOf(total - used, total);
  }
  return null;
}

/** Where the control groups of this process are, in both versions of the interface. */
function cgroups(): { unified: string | null; memory: string | null; pids: string | null } {
  const lines = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  const at = (root: string, match: (names: string[]) => boolean) => {
    const line = lines.find(([, names = ""]) => match(names.split(",")));
    return line ? join(root, line.slice(2).join(":")) : null;
  };
  return {
    unified: at("/sys/fs/cgroup", (names) => names.length === 1 && names[0] === ""),
    memory: at("/sys/fs/cgroup/memory", (names) => names.includes("memory")),
    pids: at("/sys/fs/cgroup/pids", (names) => names.includes("pids")),
  };
}

/** Descriptors of this process, which holds the sockets and pipes of all its agents. */
function openFiles(): Room | null {
  const total = maxOpenFiles();
  const used = attempt(() => readdirSync("/proc/self/fd").length);
  return used === null || total === null ? null : roomOf(total - used, total);
}

/** Share of the last 10 s in which all that ran waited for memory (pressure stall information). */
function memoryStall(): number | null {
  const percent = /^full avg10=([\d.]+)/m.exec(read("/proc/pressure/memory") ?? "")?.[1];
  return percent === undefined ? null : Number(percent) / 100;
}

/** Of all cores that there are, since that is what the system counts: also in a container that may use a few of them. */
function loadByCore(): number | null {
  const cores = cpus().length;
  const [lastMinute] = loadavg();
  return cores > 0 && lastMinute !== undefined ? lastMinute / cores : null;
}

function roomOf(free: number, total: number): Room | null {
  return Number.isFinite(free) && Number.isFinite(total) && total > 0 ? { free: Math.max(0, free), total } : null;
}

/** Null where there is no such file, or where it says `max`. */
function number(path: string): number | null {
  const text = read(path)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

function read(path: string): string | null {
  return attempt(() => readFileSync(path, "utf8"));
}

/** Null where the system doesn't have it, or doesn't let us see it: what can't be measured limits nothing. */
function attempt<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
