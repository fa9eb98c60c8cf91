/**
 * `npm run web`: types and builds the dashboard into web/dist, unless what is there was made from the same sources.
 * `godel dashboard` runs it too (without types), so that a fresh clone needs no further step.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const web = join(root, "web");
const built = join(web, "dist");
const check = process.argv.includes("--check");

if (check) {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", web], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
const wanted = digest();
if (stampOf(built) !== wanted) await build();

/** Of all that the files are made from. */
function digest(): string {
  const sources = globSync(["web/*", "web/{src,public}/**", "src/**/*wire*.ts"], { cwd: root, withFileTypes: true });
  const paths = sources.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hash = createHash("sha256");
  for (const path of [...paths, join(root, "package-lock.json")].sort())
    hash.update(path.slice(root.length)).update(readFileSync(path));
  return hash.digest("hex");
}

function stampOf(dir: string): string {
  const stamp = join(dir, "stamp");
  return existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
}

/** Into a folder of its own first: whoever reads finds all of the old files or all of the new. */
async function build(): Promise<void> {
  const { build } = await import("vite");
  const fresh = `${built}.${process.pid}`;
  try {
    await build({ root: web, logLevel: "error", build: { outDir: fresh, emptyOutDir: true } });
    writeFileSync(join(fresh, "stamp"), wanted);
    rmSync(built, { recursive: true, force: true });
    renameSync(fresh, built);
  } catch (error) {
    // Another build of the same sources was faster.
    if (stampOf(built) !== wanted) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
