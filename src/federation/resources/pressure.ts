/** When a machine is too short of something to take new work, and when it has enough again. */

import type { NodeResources, PressureKind, Room } from "../../model/resources.ts";
import { type ResourceOptions, resourceDefaults } from "./options.ts";

/** Pressure begins when less than `share` of the whole is free, or less than `enough`, whichever is less. */
interface Mark {
  /** From 0 to 1. */
  share: number;
  /** In the unit of the room: a large machine needs no more than this, or than what is chosen, twice that where it ends. */
  enough: number | "keepDisk" | "keepMemory";
}

interface Limit {
  kind: PressureKind;
  /** What is short, for people. */
  what: string;
  room(resources: NodeResources): Room | null;
  begins: Mark;
  /** Above it by so much that one attempt more or less does not cross both. */
  ends: Mark;
  unit: "bytes" | "count";
}

const gigabyte = 1e9;
const none = Number.POSITIVE_INFINITY;

const limits: readonly Limit[] = [
  {
    kind: "disk",
    what: "disk",
    room: ({ disk }) => disk,
    begins: { share: 0.05, enough: "keepDisk" },
    ends: { share: 0.1, enough: "keepDisk" },
    unit: "bytes",
  },
  {
    kind: "disk",
    what: "files on the disk",
    room: ({ inodes }) => inodes,
    begins: { share: 0.02, enough: 50_000 },
    ends: { share: 0.04, enough: 100_000 },
    unit: "count",
  },
  {
    kind: "memory",
    what: "memory",
    room: ({ memory }) => memory,
    begins: { share: 0.05, enough: "keepMemory" },
    ends: { share: 0.1, enough: "keepMemory" },
    unit: "bytes",
  },
  {
    kind: "files",
    what: "file descriptors of the node",
    room: ({ files }) => files,
    begins: { share: 0.1, enough: none },
    ends: { share: 0.2, enough: none },
    unit: "count",
  },
  {
    kind: "processes",
    what: "processes",
    room: ({ processes }) => processes,
    begins: { share: 0.1, enough: 500 },
    ends: { share: 0.2, enough: 1_000 },
    unit: "count",
  },
];

/** Share of the last 10 s in which everything waited for memory: past `begins` the machine thrashes. */
const stall = { begins: 0.4, ends: 0.1 };

/** New work starts once the load is below this share of the most that it may be. */
const calmShare = 0.8;

export interface Pressure {
  kind: PressureKind;
  /** One sentence: what is short, and when it is enough again. */
  why: string;
}

/**
 * What a node is short of, given what it was short of before: each pressure ends well above where it begins, so that it
 * doesn't flap. What can't be measured never presses. One entry a kind at most. Pure.
 */
export function pressureOf(
  resources: NodeResources,
  before: readonly PressureKind[],
  options: Kept = resourceDefaults,
): Pressure[] {
  const found = limits.flatMap((limit) => judge(limit, resources, before.includes(limit.kind), options));
  const stalled = resources.memoryStall ?? 0;
  if (stalled > (before.includes("memory") ? stall.ends : stall.begins)) {
    const why = `everything waited for memory in ${percent(stalled)} of the last 10 s; new work starts below ${percent(stall.ends)}`;
    found.push({ kind: "memory", why });
  }
  const { load = null } = resources;
  const calm = options.maxLoad * calmShare;
  if (load !== null && load > (before.includes("load") ? calm : options.maxLoad)) {
    const why = `${load.toFixed(1)} processes run or wait for each core; new work starts at ${calm.toFixed(1)}`;
    found.push({ kind: "load", why });
  }
  return found.filter(({ kind }, i) => found.findIndex((other) => other.kind === kind) === i);
}

type Kept = Pick<ResourceOptions, "keepMemory" | "keepDisk" | "maxLoad">;

function judge(
  { kind, what, room, begins, ends, unit }: Limit,
  resources: NodeResources,
  was: boolean,
  kept: Kept,
): Pressure[] {
  const has = room(resources);
  if (!has || has.total <= 0) return [];
  const low = Math.min(
    has.total * begins.share,
    typeof begins.enough === "number" ? begins.enough : kept[begins.enough],
  );
  const high = Math.min(has.total * ends.share, typeof ends.enough === "number" ? ends.enough : 2 * kept[ends.enough]);
  if (has.free >= (was ? high : low)) return [];
  const [free, total, enough] = [has.free, has.total, high].map((amount) => shown(amount, unit));
  return [{ kind, why: `${free} of ${total} of ${what} are free; new work starts at ${enough}` }];
}

function shown(amount: number, unit: Limit["unit"]): string {
  if (unit === "count") return String(Math.round(amount));
  return amount < gigabyte ? `${Math.round(amount / 1e6)} MB` : `${(amount / gigabyte).toFixed(1)} GB`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
