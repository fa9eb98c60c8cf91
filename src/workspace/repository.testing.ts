/** Real repositories and teams for the tests of this folder. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { systemClock } from "../lib/clock.ts";
import { type Workspace, type WorkspaceLimits, Workspaces } from "./index.ts";

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder with a space and a quote in its name, gone after the tests of the file. */
export function tempFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "godel it's-")));
  folders.push(folder);
  return folder;
}

/** Runs git as a user would, with no settings but those of the repository. */
export function git(cwd: string, ...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  return execFileSync("git", ["-c", "user.name=User", "-c", "user.email=user@example.com", ...args], {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

export function write(dir: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
}

/** A repository with one commit of `files`, on branch main. */
export function makeRepo(files: Record<string, string | Buffer> = { "a.txt": "one\n" }): string {
  const repo = join(tempFolder(), "repo");
  mkdirSync(repo);
  git(repo, "init", "--quiet", "--initial-branch=main");
  write(repo, files);
  git(repo, "add", "--all");
  git(repo, "commit", "--quiet", "--allow-empty", "--message=base");
  return repo;
}

/** Without patience, so that a failure of git is seen at once. */
export function makeWorkspaces(root = join(tempFolder(), "work"), limits?: Partial<WorkspaceLimits>): Workspaces {
  return new Workspaces({ root, clock: systemClock, limits: { gitPatienceMs: 0, ...limits } });
}

export interface Fleet {
  workspaces: Workspaces;
  repo: string;
  root: string;
  /** A worktree for the first attempt at the task `key`, or for a later one. */
  open(key: string, number?: number): Promise<Workspace>;
  /** Opens, writes `files` and commits. */
  work(key: string, files: Record<string, string>): Promise<{ workspace: Workspace; commit: string | null }>;
  merge(key: string, commit: string | null, number?: number): ReturnType<Workspaces["merge"]>;
}

/** One team on one repository. Called again with the same folders, it is the node after a restart. */
export async function makeFleet(
  repo: string,
  options: { root?: string; team?: string; limits?: Partial<WorkspaceLimits> } = {},
): Promise<Fleet> {
  const { root = join(tempFolder(), "work"), team = "alpha" } = options;
  const workspaces = makeWorkspaces(root, options.limits);
  const base = git(repo, "rev-parse", "main");
  const brief = { id: `t-${team}`, name: team, goal: "", repo, base, branch: `godel/${team}` };
  await workspaces.openTeam({ ...brief, model: "", limit: { usd: null, tokens: null }, spent: { usd: 0, tokens: 0 } });
  const idOf = (key: string, number: number) => `t-${team}/${key}/${number}`;
  const open = (key: string, number = 1) => workspaces.open({ id: idOf(key, number), team: `t-${team}`, key, number });
  return {
    workspaces,
    repo,
    root,
    open,
    async work(key, files) {
      const workspace = await open(key);
      write(workspace.dir, files);
      const { commit } = await workspaces.commit(workspace, { subject: `Work of ${key}`, body: "" });
      return { workspace, commit };
    },
    merge(key, commit, number = 1) {
      return workspaces.merge({ attempt: idOf(key, number), team: `t-${team}`, key, title: `Do ${key}`, commit });
    },
  };
}
