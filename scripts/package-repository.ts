import { cpSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { commitAll } from "./demo-repository.ts";

/** Makes a repository at `dir` of all that the npm package `name`, one of our own dependencies, ships. */
export function packageRepository(name: string, dir: string): void {
  const manifest = fileURLToPath(new URL(`../node_modules/${name}/package.json`, import.meta.url));
  const nested = (path: string) => path.slice(dirname(manifest).length).includes("/node_modules");
  cpSync(dirname(manifest), dir, { recursive: true, filter: (path) => !nested(path) });
  commitAll(dir, `${name}, as published`);
}
