/** The dashboard as an operator uses it: a real browser, a real engine, real agents of the demo model. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import type { Ticket } from "../../src/api/wire.ts";
import { buildDashboard, openBrowser, openPage, violations } from "../browser.testing.ts";
import { root } from "../sources.ts";
import { Stage } from "../stage.testing.ts";

const agents = 50;
/** Enough for a task to last while one looks at it: four requests for each file. */
const filesOfLongTask = 40;
const longTasks = 6;
/** Half as many join two of them each, and an eighth four of those. */
const shortTasks = 32;
/** What docs/images holds of these. */
const pictures = new Set(["team", "graph"]);

test("an operator spawns 50 agents on the page, watches, opens a task, steers, pauses, kills and decides, across a restart of the engine", async (context) => {
  buildDashboard();
  const stage = new Stage(context, modules());
  const { url } = await stage.up();
  const browser = await openBrowser(context);
  const browsing = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  const { page, errors } = await openPage(browsing);

  await comeIn(stage, page, url);
  await spawnTeam(page, stage);
  await watchFleet(page);
  await openTask(page);
  await steerPauseKill(page, stage);
  await readDiff(page);
  await restart(stage, page, url);
  await decide(page, stage);
  await look(context, page);
  deepEqual(errors, []);
});

/** With a plan that is looked at first. */
async function spawnTeam(page: Page, stage: Stage): Promise<void> {
  await page.getByRole("link", { name: "New team" }).click();
  await page.getByRole("button", { name: "plan", exact: true }).click();
  await page.getByLabel("Plan", { exact: true }).fill(JSON.stringify(plan()));
  await page.getByLabel("Repository").fill(stage.repo);
  await page.getByLabel("Name").fill("modules");
  await page.getByLabel("Agents").fill(String(agents));
  await page.getByLabel("Budget, USD").fill("5");
  await page.getByLabel("Model").fill("demo");
  await page.getByRole("button", { name: "Look at the plan first" }).click();
  await page.getByRole("region", { name: "The plan" }).getByText("part-1", { exact: true }).waitFor();
  if (process.env.SCREENSHOTS) await keep(page, "spawn", true);
  await page.getByRole("button", { name: `Start ${agents} agents` }).click();
  await page.getByRole("heading", { name: "modules" }).waitFor();
  await page.getByRole("link", { name: "Fleet" }).click();
}

async function comeIn(stage: Stage, page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByText("This browser is not let in").waitFor();
  const { path } = await stage.post<Ticket>("/api/v1/tickets", {});
  await page.goto(url + path);
  // The ticket is neither in the address nor good a second time.
  equal(page.url(), `${url}/`);
  await page.goto(`${url}${path}`);
  equal(page.url(), `${url}/?expired`);
  await page.goto(url);
}

async function watchFleet(page: Page): Promise<void> {
  const map = page.getByRole("img", { name: new RegExp(`^${agents} agents: .*busy`) });
  await map.waitFor();
  if (process.env.SCREENSHOTS) await keep(page, "fleet");
  await page.getByRole("link", { name: "modules", exact: true }).first().click();
  await page.getByRole("heading", { name: "modules" }).waitFor();
  match(page.url(), /\/teams\/t\w+$/);
}

/** By search: the address holds it. */
async function openTask(page: Page): Promise<void> {
  await page.getByLabel("Search tasks").fill("part-1");
  await page.waitForURL(/q=part-1/);
  await page.getByRole("link", { name: /part-1\b.*Replace/ }).click();
  await page.getByText(/works on attempt 1/).waitFor();
  await page
    .getByLabel("transcript")
    .getByText(/write answered/)
    .first()
    .waitFor();
  if (process.env.SCREENSHOTS) await keep(page, "task");
}

async function steerPauseKill(page: Page, stage: Stage): Promise<void> {
  await page.getByLabel("Tell the agent").fill("Prefer const.");
  await page.getByRole("button", { name: "Steer" }).click();
  await page.getByText("Told; it reads that before its next step.").waitFor();
  await page.getByRole("button", { name: "Pause agent" }).click();
  await page.getByRole("button", { name: "Resume agent" }).waitFor();
  equal((await stage.agents()).filter(({ state }) => state === "paused").length, 1);
  await page.getByRole("button", { name: "Resume agent" }).click();
  await page.getByRole("button", { name: "Pause agent" }).waitFor();
  await page.getByRole("button", { name: "Kill agent" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Kill agent" }).click();
  await page
    .getByText(/attempt 1 by .*agent-killed|attempt 1 by .*cancelled/)
    .first()
    .waitFor();
  // What it had done by then is kept, and shown.
  await page.goto(`${page.url().replace(/\?.*/, "")}?attempt=1&tab=diff`);
  await page
    .getByLabel("diff")
    .getByText(/^\+const a = 1;/)
    .first()
    .waitFor();
}

/** Of a task that is done soon. */
async function readDiff(page: Page): Promise<void> {
  await page.goto(page.url().replace(/\/[^/]*$/, "/quick"));
  await page.getByRole("button", { name: "diff" }).click();
  await page.getByLabel("diff").getByText("+const a = 1;").waitFor();
}

/** The page stays as it is, and goes on by itself with the session that it has; so do the agents. */
async function restart(stage: Stage, page: Page, url: string): Promise<void> {
  await page.goto(`${url}/`);
  await page.getByRole("link", { name: "modules", exact: true }).first().click();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByRole("button", { name: "Resume", exact: true }).waitFor();
  process.kill(stage.engine.pid, "SIGKILL");
  await page.getByText("reconnecting…").waitFor();
  await stage.up({ GODEL_PORT: new URL(url).port });
  await page.getByText("live", { exact: true }).waitFor();
  equal((await stage.status()).team.state, "paused");
  await page.getByRole("link", { name: /Needs you/ }).click();
  await page.getByText("the team is paused").waitFor();
  if (process.env.SCREENSHOTS) await keep(page, "attention");
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await page.getByText("modules goes on.").waitFor();
  equal((await stage.status()).team.state, "running");
}

/** Of a task that can only fail: one decision for all that failed for this cause. */
async function decide(page: Page, stage: Stage): Promise<void> {
  await page.getByText("1 task failed: gate").waitFor();
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
  await page.getByText("1 task queued again.").waitFor();
  equal((await stage.task("modules/broken")).attempts >= 3, true);
}

/** Every page, dark and light, wide and narrow, for axe; kept as pictures where SCREENSHOTS is set. */
async function look(context: TestContext, page: Page): Promise<void> {
  const origin = new URL(page.url()).origin;
  await page.goto(`${origin}/`);
  const team = new URL((await page.getByRole("link", { name: "modules" }).first().getAttribute("href")) ?? "", origin);
  const task = `${team.pathname.replace("/teams/", "/tasks/")}/part-2`;
  const views = ["graph", "board", "timeline", "agents", "commits", "cost", "events"];
  const pages: [string, string][] = [
    ["fleet", "/"],
    ["team", team.pathname],
    ...views.map((view): [string, string] => [view, `${team.pathname}?view=${view}&task=join-4`]),
    ["task", task],
    ["diff", `${task.replace(/part-2$/, "quick")}?tab=diff`],
    ["attention", "/attention"],
    ["spawn", "/spawn"],
    ["nodes", "/nodes"],
    ["providers", "/providers"],
    ["history", "/history"],
  ];
  const found: string[] = [];
  for (const [name, path] of pages) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(origin + path);
    await page.locator("main :is(h1, .empty)").first().waitFor({ state: "attached" });
    await page.waitForLoadState("networkidle");
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await violations(page)).map((each) => `${colorScheme} ${each}`));
      const kept = colorScheme === (name === "team" || name === "task" ? "dark" : "light");
      if (process.env.SCREENSHOTS && pictures.has(name) && kept) await keep(page, name);
    }
    await page.setViewportSize({ width: 390, height: 800 });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    ok(width <= 390, `${path} is ${width} px wide on a phone`);
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("nodes");
  found.push(...(await violations(page)));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/nodes$/);
  context.diagnostic(`axe looked at ${pages.length} pages, dark and light`);
  deepEqual(found, []);
}

async function keep(page: Page, name: string, whole = false): Promise<void> {
  const dir = join(root, "docs/images");
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: join(dir, `${name}.png`), fullPage: whole });
}

function modules(): Record<string, string> {
  const long = Array.from({ length: longTasks }, (_, part) => filesOf(part)).flat();
  const short = Array.from({ length: shortTasks }, (_, i) => [`s${i}.js`, `t${i}.js`]).flat();
  return Object.fromEntries(
    ["quick.js", "broken.js", ...long, ...short].map((name) => [name, "var a = 1;\nmodule.exports = a;\n"]),
  );
}

function filesOf(part: number): string[] {
  return Array.from({ length: filesOfLongTask }, (_, i) => `m${part}-${i}.js`);
}

function plan() {
  const replace = (id: string, files: string[], more = {}) => ({
    id,
    title: `Replace var in ${id}`,
    prompt: `Replace var in:\n${files.map((file) => `- ${file}`).join("\n")}`,
    ...more,
  });
  const short = Array.from({ length: shortTasks }, (_, i) => replace(`short-${i}`, [`s${i}.js`]));
  const join = Array.from({ length: shortTasks / 2 }, (_, i) =>
    replace(`join-${i}`, [`t${i}.js`], { needs: [`short-${2 * i}`, `short-${2 * i + 1}`] }),
  );
  const last = Array.from({ length: shortTasks / 8 }, (_, i) =>
    replace(`last-${i}`, [`t${shortTasks - 1 - i}.js`], { needs: [0, 1, 2, 3].map((one) => `join-${4 * i + one}`) }),
  );
  return {
    goal: "Replace var in every module",
    tasks: [
      ...Array.from({ length: longTasks }, (_, part) => replace(`part-${part}`, filesOf(part))),
      replace("quick", ["quick.js"]),
      replace("broken", ["broken.js"], { gates: ["false"] }),
      ...short,
      ...join,
      ...last,
    ],
  };
}
