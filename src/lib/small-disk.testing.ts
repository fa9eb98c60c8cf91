/** A small disk for tests of what happens when it is full. */
import { spawnSync } from "node:child_process";

/** Mounts one of `size` (as in `1500k`, `24m`) at `folder`; false where this user may not. */
export function mountSmallDisk(folder: string, size: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]).status === 0;
}

export function unmountDisk(folder: string): void {
  spawnSync("umount", ["--lazy", folder]);
}
