import { execFileSync } from "node:child_process";
import { seededRandom } from "../../src/lib/random.ts";

const filesPerFolder = 200;
/** Functions in a file, which then has some 4 KB. */
const functions = 80;

/** A repository of `size` JavaScript files that import two others each: one nearby, one anywhere. By git's fast-import. */
export function madeUpRepository(dir: string, size: number, seed: number): void {
  const random = seededRandom(seed);
  const pathOf = (i: number) => `src/d${Math.floor(i / filesPerFolder)}/f${i}.js`;
  const parts = ["commit refs/heads/main\ncommitter a <a@localhost> 1700000000 +0000\ndata 1\nx\n"];
  for (let i = 0; i < size; i++) {
    const [near, far] = [Math.max(0, i - 1), Math.floor(random.next() * size)];
    const imports = [near, far].map((other, n) => `import v${n} from "../../${pathOf(other)}";\n`).join("");
    const body = imports + `export function f${i}(a, b) { return a + b + ${i}; }\n`.repeat(functions);
    parts.push(`M 644 inline ${pathOf(i)}\ndata ${body.length}\n${body}\n`);
  }
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", dir]);
  execFileSync("git", ["fast-import", "--quiet"], { cwd: dir, input: parts.join("") });
}
