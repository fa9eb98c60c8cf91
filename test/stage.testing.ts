/** A stage for scenarios: a home and a repository in temp folders, a real engine with its real node, and a way to wait. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import type {
  AgentView,
  EngineFile,
  Problem,
  SpawnRequest,
  StreamFrame,
  TaskDetail,
  TaskSummary,
  TeamStatus,
} from "../src/api/wire.ts";

const engineMain = fileURLToPath(new URL("../src/api/main.ts", import.meta.url));
/** A scenario that has not come to its point by then never will. */
const patienceMs = 90_000;

export class Stage {
  readonly dir: string;
  readonly home: string;
  readonly repo: string;
  /** What the last engine wrote to stderr. */
  printed = "";

  /** With a repository of one commit that holds `files`. The engine is not started. */
  constructor(
    context: { after(task: () => void): void },
    files: Record<string, string> = { "README.md": "hello\n" },
    home?: string,
  ) {
    this.dir = mkdtempSync(join(tmpdir(), "godel scenario "));
    this.home = home ?? join(this.dir, "home");
    this.repo = join(this.dir, "repo");
    execFileSync("git", ["init", "--quiet", "--initial-branch=main", this.repo]);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.repo, name), text);
    this.git("add", "--all");
    this.git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "--allow-empty", "-m", "start");
    context.after(() => this.tearDown());
  }

  git(...args: string[]): string {
    return execFileSync("git", ["-C", this.repo, ...args], { encoding: "utf8" }).trim();
  }

  get engine(): EngineFile {
    return JSON.parse(readFileSync(join(this.home, "engine.json"), "utf8"));
  }

  get env(): NodeJS.ProcessEnv {
    return { ...process.env, GODEL_HOME: this.home, GODEL_PORT: "0", PI_CODING_AGENT_DIR: join(this.dir, "pi") };
  }

  /** Starts an engine's process, and waits for nothing. What it says is in `printed`. */
  start(env: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", engineMain], {
      env: { ...this.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    this.printed = "";
    child.stderr.on("data", (data) => {
      this.printed += data;
    });
    return child;
  }

  /** Starts an engine and resolves when it answers and its node is linked. Rejects with what it printed if it ends first. */
  async up(env: NodeJS.ProcessEnv = {}): Promise<EngineFile> {
    const before = existsSync(join(this.home, "engine.json")) ? this.engine.pid : 0;
    const child = this.start(env);
    const ended = new Promise<never>((_, reject) => child.once("close", () => reject(new Error(this.printed))));
    let over = false;
    ended.catch(() => {
      over = true;
    });
    const started = this.until("the engine answers", async () => {
      if (over) return true;
      if (!existsSync(join(this.home, "engine.json")) || this.engine.pid === before) return false;
      const health = await this.get<{ nodes: { linked: boolean }[] }>("/api/v1/health").catch(() => null);
      return health?.nodes.some(({ linked }) => linked) ?? false;
    });
    await Promise.race([started, ended]);
    child.unref();
    return this.engine;
  }

  async get<T>(path: string): Promise<T> {
    return this.#request<T>("GET", path);
  }

  async post<T>(path: string, body?: unknown): Promise<T> {
    return this.#request<T>("POST", path, body);
  }

  /** Spawns a team on the stage's repository. */
  spawn(request: Partial<SpawnRequest>): Promise<TeamStatus> {
    return this.post<TeamStatus>("/api/v1/teams", { repo: this.repo, count: 1, ...request });
  }

  status(team = "-"): Promise<TeamStatus> {
    return this.get<TeamStatus>(`/api/v1/teams/${team}`);
  }

  async tasks(team = "-"): Promise<TaskSummary[]> {
    return (await this.get<{ items: TaskSummary[] }>(`/api/v1/tasks?team=${team}`)).items;
  }

  task(key: string): Promise<TaskDetail> {
    return this.get<TaskDetail>(`/api/v1/tasks/${encodeURIComponent(key)}`);
  }

  async agents(team = "-"): Promise<AgentView[]> {
    return (await this.get<{ items: AgentView[] }>(`/api/v1/agents?team=${team}`)).items;
  }

  /** Resolves with the first status of the team that `holds` is true of. Told by the engine, not asked again and again. */
  watch(team: string, holds: (status: TeamStatus) => boolean): Promise<TeamStatus> {
    const { url, token } = this.engine;
    const stream = new URL(`/api/v1/stream?team=${team}`, url.replace(/^http/, "ws"));
    const socket = new WebSocket(stream, { headers: { authorization: `Bearer ${token}` } });
    let patience: NodeJS.Timeout | undefined;
    return new Promise<TeamStatus>((resolve, reject) => {
      patience = setTimeout(() => reject(new Error(`${team} never got there`)), patienceMs);
      socket.on("message", (data) => {
        const frame: StreamFrame = JSON.parse(String(data));
        if (frame.type !== "status" || !holds(frame.status)) return;
        resolve(frame.status);
      });
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the stream ended")));
    }).finally(() => {
      clearTimeout(patience);
      socket.terminate();
    });
  }

  /** Resolves when the team has ended. */
  ended(team: string): Promise<TeamStatus> {
    return this.watch(team, ({ team: { state } }) => state === "done" || state === "failed" || state === "killed");
  }

  /** Looks until `holds`; for what no stream tells, such as another process's end. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const give = performance.now() + patienceMs;
    while (!(await holds())) {
      if (performance.now() > give) throw new Error(`waited in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** `godel down`, by its API, and until no process is left. */
  async down(): Promise<void> {
    await this.post("/api/v1/shutdown");
    await this.until("no process is left", () => this.processes().length === 0);
  }

  /** Every process that belongs to this home: its engine, node, hosts, and what agents and gates started. */
  processes(): number[] {
    const marks = [`GODEL_HOME=${this.home}`, `GODEL_WORK_OF=${this.home}`];
    return environments().flatMap(({ pid, entries }) => (marks.some((mark) => entries.includes(mark)) ? [pid] : []));
  }

  /** Those that agents and gates started. */
  commands(): number[] {
    const mark = `GODEL_WORK_OF=${this.home}`;
    const isWork = (entries: string[]) =>
      entries.includes(mark) && entries.some((entry) => entry.startsWith("GODEL_ATTEMPT="));
    return environments().flatMap(({ pid, entries }) => (isWork(entries) ? [pid] : []));
  }

  /** Worktrees that git or the node still knows of, besides the user's own. */
  worktrees(): string[] {
    const known = this.git("worktree", "list", "--porcelain")
      .split("\n")
      .filter((line) => line.startsWith("worktree "))
      .slice(1);
    const trees = join(this.home, "worktrees", "trees");
    return [...known, ...(existsSync(trees) ? readdirSync(trees) : [])];
  }

  /** kill -9 of everything that works for this home. */
  killAll(): void {
    for (const pid of this.processes()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
  }

  private tearDown(): void {
    this.killAll();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { url, token } = this.engine;
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(url + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error((answer as Problem).detail), { code: (answer as Problem).code });
    return answer as T;
  }
}

/** The environment of every other process that we may look into. */
function environments(): { pid: number; entries: string[] }[] {
  const pids = readdirSync("/proc").map(Number);
  return pids
    .filter((pid) => pid > 0 && pid !== process.pid)
    .flatMap((pid) => {
      try {
        return [{ pid, entries: readFileSync(`/proc/${pid}/environ`, "utf8").split("\0") }];
      } catch {
        return [];
      }
    });
}

/** A plan of `count` independent shell tasks, each of which adds a file of its own. */
export function shellPlan(count: number, command = (key: string) => `echo ${key} > ${key}.txt`) {
  const tasks = Array.from({ length: count }, (_, i) => ({ id: `t${i}`, prompt: command(`t${i}`) }));
  return { goal: "", tasks };
}
