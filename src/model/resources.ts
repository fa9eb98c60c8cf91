/** How much of something is left. */
export interface Room {
  free: number;
  total: number;
}

/** What a node has left, as it was measured; null where it can't be. */
export interface NodeResources {
  /** Bytes and files of the scarcest disk that it writes to. */
  disk: Room | null;
  inodes: Room | null;
  /** Bytes, of the machine or of the control group that the node is in. */
  memory: Room | null;
  /** Descriptors of the node's process. */
  files: Room | null;
  /** Of its control group, where that is limited. */
  processes: Room | null;
  /** Share of the last 10 s in which everything waited for memory, from 0 to 1. */
  memoryStall: number | null;
  /** What runs or waits to, averaged over a minute, for each core. Missing in what older nodes tell. */
  load?: number | null;
}

/** What a node may be too short of to take new work. */
export type PressureKind = "disk" | "memory" | "files" | "processes" | "load";

/** What the commands of one attempt may take together, its gates too; what is not here is not bounded. */
export interface AttemptQuota {
  memoryBytes?: number;
  processes?: number;
  cpuMs?: number;
  /** On the disk: its worktree and its temporary files. */
  diskBytes?: number;
}
