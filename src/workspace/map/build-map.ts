import type { LanguageShare, MappedFile, RepoMap } from "../../model/repo-map.ts";
import type { Git } from "../git.ts";
import { changeTogether } from "./co-change.ts";
import { languageOf } from "./languages.ts";
import { isManifest, maxManifestBytes, maxManifests, readManifests } from "./manifests.ts";
import { Paths } from "./paths.ts";
import { listTree, readFiles, type TreeFile } from "./tree-files.ts";

/** Larger source files are made by machines, and import nothing that says how people work. */
const maxSourceBytes = 512 * 1024;

/** The whole map of the commit `head`: every regular file of its tree, with what it imports. */
export async function buildMap(git: Git, gitDir: string, head: string): Promise<RepoMap> {
  const tree = await git.text(["rev-parse", `${head}^{tree}`], { gitDir });
  const { files, leftOut } = await listTree(git, gitDir, tree);
  const paths = new Paths(files.map(({ path }) => path));
  const facts = readManifests(await manifestsOf(git, gitDir, files), new Set(topNames(files)));
  const mapped = files.map(
    ({ path, bytes }): MappedFile => ({ path, bytes, language: languageOf(path)?.name ?? "", imports: [] }),
  );
  const sources = files.filter(({ path, bytes }) => bytes > 0 && bytes <= maxSourceBytes && languageOf(path)?.imported);
  for await (const [{ path }, text] of readFiles(git, gitDir, sources)) {
    const at = paths.find(path) ?? -1;
    const found = languageOf(path)?.imported?.(text, { path, paths, packages: facts.packages }) ?? [];
    const file = mapped[at];
    if (file) file.imports = [...new Set(found)].filter((each) => each !== at).sort((a, b) => a - b);
  }
  return {
    tree,
    total: files.length,
    matched: files.length,
    files: mapped,
    changeTogether: await changeTogether(git, gitDir, head, (path) => paths.find(path)),
    languages: sharesOf(mapped),
    ...facts,
    entryPoints: facts.entryPoints.filter((path) => paths.find(path) !== undefined),
    leftOut,
  };
}

async function manifestsOf(git: Git, gitDir: string, files: readonly TreeFile[]): Promise<[string, string][]> {
  const depth = ({ path }: TreeFile) => path.split("/").length;
  const wanted = files.filter(({ path, bytes }) => isManifest(path) && bytes <= maxManifestBytes);
  const nearest = wanted.toSorted((a, b) => depth(a) - depth(b)).slice(0, maxManifests);
  const found: [string, string][] = [];
  for await (const [{ path }, text] of readFiles(git, gitDir, nearest)) found.push([path, text]);
  return found;
}

function topNames(files: readonly TreeFile[]): string[] {
  return files.map(({ path }) => path).filter((path) => !path.includes("/"));
}

function sharesOf(files: readonly MappedFile[]): LanguageShare[] {
  const shares = new Map<string, LanguageShare>();
  for (const { language, bytes } of files) {
    if (language === "") continue;
    const share = shares.get(language) ?? { name: language, files: 0, bytes: 0 };
    shares.set(language, { name: language, files: share.files + 1, bytes: share.bytes + bytes });
  }
  return [...shares.values()].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}
