import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "../../lib/json.ts";
import type { RepoMap } from "../../model/repo-map.ts";

/** Counted up whenever a map would come out otherwise for the same tree. */
const version = 1;
/** Maps kept, newest first; one of 100,000 files takes some 10 MB. */
const maxMaps = 8;

/** Maps by the hash of their tree. What cannot be read is made again: nothing here is the only copy. */
export class MapCache {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async load(tree: string): Promise<RepoMap | undefined> {
    const text = await readFile(this.#file(tree), "utf8").catch(() => "");
    return parseJson(text) as RepoMap | undefined;
  }

  /** Whole or not at all: written aside, then renamed. */
  async save(map: RepoMap): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    const file = this.#file(map.tree);
    const aside = `${file}.${process.pid}`;
    await writeFile(aside, JSON.stringify(map));
    await rename(aside, file);
    await this.#prune();
  }

  #file(tree: string): string {
    return join(this.#dir, `${tree}.v${version}.json`);
  }

  async #prune(): Promise<void> {
    const files = (await readdir(this.#dir)).map((name) => join(this.#dir, name));
    const ages = await Promise.all(files.map(async (file) => ({ file, at: (await stat(file)).mtimeMs })));
    const old = ages.toSorted((a, b) => b.at - a.at).slice(maxMaps);
    await Promise.all(old.map(({ file }) => rm(file, { force: true })));
  }
}
