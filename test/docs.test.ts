/** The documentation against the program: guides are run, pages made from code are made again, links lead somewhere. */
import { deepEqual, equal } from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { demoPlan } from "../scripts/demo-plan.ts";
import { makeRepository } from "../scripts/demo-repository.ts";
import { variables } from "../scripts/reference/home.ts";
import { referencePages } from "../scripts/reference.ts";
import { missingLine, stepsOf } from "./guide.testing.ts";
import { root } from "./sources.ts";

const pages = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ...globSync("docs/**/*.md", { cwd: root })];
/** A guide takes some seconds; this is for a machine that is busy. */
const guideMs = 120_000;

/** What is there before the first command of a guide. Each finds itself in the folder that this returns. */
const guides: Record<string, (desk: Desk) => Promise<string>> = {
  "first-run.md": demoTeam,
  "your-repository.md": async (desk) => desk.repository("site"),
  "plans.md": async (desk) => desk.repository("site"),
  "simulator.md": async () => root,
  "library.md": async () => root,
  "providers.md": async (desk) => desk.repository("site"),
  "spending.md": demoTeam,
  "backup.md": async (desk) => desk.repository("site"),
  "api.md": async (desk) => desk.repository("site"),
  "dashboard.md": async (desk) => desk.repository("site"),
};

test("each command of a guide does what the guide shows", { concurrency: true }, async (context) => {
  const runs = Object.entries(guides).map(([name, prepare]) =>
    context.test(`docs/guides/${name}`, { timeout: guideMs }, async (guide) => {
      const desk = new Desk(guide);
      const cwd = await prepare(desk);
      const steps = stepsOf(readFileSync(join(root, "docs/guides", name), "utf8"));
      for (const step of steps) if (step.type === "file") writeFileSync(join(cwd, step.name), step.text);
      for (const step of steps) if (step.type === "run") await checkRun(desk, cwd, step);
    }),
  );
  await Promise.all(runs);
});

test("every guide is run by a test", () => {
  deepEqual(
    globSync("docs/guides/*.md", { cwd: root })
      .map((path) => relative("docs/guides", path))
      .sort(),
    Object.keys(guides).sort(),
  );
});

test("docs/reference is what the code says; `node scripts/reference.ts` writes it anew", () => {
  const written = Object.keys(referencePages()).map((name) => [
    name,
    readFileSync(join(root, "docs/reference", name), "utf8"),
  ]);
  deepEqual(Object.fromEntries(written), referencePages());
});

test("every variable that godel reads from its environment is in the reference", () => {
  const sources = globSync(["src/**/*.ts", "bin/*"], { cwd: root }).filter(
    (path) => !/\.(?:test|testing)\.ts$|contract/.test(path),
  );
  const read = sources.flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return [...text.matchAll(/\benv\.([A-Z_]+)(?! =)\b|\$\{?((?:GODEL|XDG)_[A-Z_]+)/g)].map(
      (match) => match[1] ?? match[2] ?? "",
    );
  });
  const known = new Set([...Object.keys(variables), "PATH", "PI_OFFLINE", "PI_TELEMETRY"]);
  deepEqual(
    read.filter((name) => !known.has(name)),
    [],
  );
});

test("every link and every path of the project that a page names is there", () => {
  const broken = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path = ""]) =>
      join(dirname(page), path),
    );
    const named = [...text.matchAll(/`((?:src|test|bench|scripts|docs|bin)\/[\w./-]*)`/g)].map(([, path = ""]) => path);
    return [...links, ...named].filter((path) => !existsSync(join(root, path))).map((path) => `${page}: ${path}`);
  });
  deepEqual(broken, []);
});

/** A user of godel: a home folder of their own, `godel` in their PATH. What runs there ends with the test. */
class Desk {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(context: TestContext) {
    this.home = realpathSync(mkdtempSync(join(tmpdir(), "godel-docs-")));
    const bin = join(this.home, "bin");
    mkdirSync(bin);
    symlinkSync(join(root, "bin/godel"), join(bin, "godel"));
    const { GODEL_HOME: _home, ...env } = process.env;
    this.env = {
      ...env,
      HOME: this.home,
      GODEL_PORT: "0",
      PATH: `${bin}:${dirname(process.execPath)}:${env.PATH}`,
      XDG_CACHE_HOME: env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
    };
    context.after(async () => {
      await this.run("godel down", this.home);
      rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    });
  }

  /** A repository with one commit. */
  repository(name: string): string {
    const dir = join(this.home, name);
    const git = (...args: string[]) => execFileSync("git", ["-C", dir, ...args], { env: this.env });
    mkdirSync(dir);
    writeFileSync(join(dir, "README.md"), "# A site\n");
    git("init", "--quiet", "--initial-branch=main");
    git("add", "--all");
    git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "start");
    return dir;
  }

  /** Both outputs in the order in which they came, with the user's home as `~`. */
  run(script: string, cwd: string): Promise<{ exit: number; output: string }> {
    return new Promise((resolve) => {
      const options = { cwd, env: this.env, timeout: guideMs };
      const child = execFile("sh", ["-ec", `exec 2>&1\n${script}`], options, (_error, stdout) => {
        resolve({ exit: child.exitCode ?? -1, output: stdout.replaceAll(this.home, "~") });
      });
    });
  }
}

async function checkRun(desk: Desk, cwd: string, step: Extract<ReturnType<typeof stepsOf>[number], { type: "run" }>) {
  const { exit, output } = await desk.run(step.script, cwd);
  const place = `line ${step.line}: ${step.script}${output}`;
  equal(exit, step.exit, place);
  equal(missingLine(step.shown, output), undefined, place);
}

/** What `npm start` leaves behind, with fewer agents and tasks. */
async function demoTeam(desk: Desk): Promise<string> {
  const dir = join(desk.home, ".godel/demo/20261125-120000");
  const repo = join(dir, "lodash");
  const plan = demoPlan(repo, makeRepository(repo), 3);
  writeFileSync(join(dir, "plan.json"), JSON.stringify(plan));
  const spawn = `godel team spawn --count 2 --plan plan.json --repo lodash --name demo-20261125-120000 --model demo --budget 5`;
  const { exit, output } = await desk.run(
    `${spawn}\ngit clone --quiet --branch godel/demo-20261125-120000 lodash result`,
    dir,
  );
  equal(exit, 0, output);
  return dir;
}
