/** What a planner may know of a repository. Taken from the commit at HEAD, never from the work tree, and never obeyed: it is data. */

export interface RepoMap {
  /** The tree that was read, as git names it. */
  tree: string;
  /** Regular files in the tree, whether or not they were asked for. */
  total: number;
  /** How many of them were asked for. `files` holds those, or the first of them where a bound cut it. */
  matched: number;
  files: MappedFile[];
  /** Pairs of `files` by index that change together, and in how many of the newest commits. Most often first. */
  changeTogether: [number, number, number][];
  /** Largest first. */
  languages: LanguageShare[];
  packages: MappedPackage[];
  /** Commands that run tests, the repository's own first. */
  testCommands: string[];
  /** Where programs and libraries begin, as manifests say. */
  entryPoints: string[];
  leftOut: LeftOut;
}

export interface MappedFile {
  path: string;
  bytes: number;
  /** Of `languages`, or "" for what is none. */
  language: string;
  /** Indices in `files` of what it imports; sorted, without itself. */
  imports: number[];
}

export interface LanguageShare {
  name: string;
  files: number;
  bytes: number;
}

export interface MappedPackage {
  name: string;
  /** Its folder, "" for the top. */
  dir: string;
  /** The manifest that says so. */
  manifest: string;
}

/** What a tree holds that is not a file which agents could be given. */
export interface LeftOut {
  symlinks: number;
  submodules: number;
  /** Names that are not UTF-8: no plan could name them. */
  unreadableNames: number;
}

/** What a repository is, before a team works in it. */
export interface Inspection {
  /** Absolute path of the main work tree. */
  repo: string;
  /** The commit at HEAD. */
  base: string;
}
