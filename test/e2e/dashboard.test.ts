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

const agents = 12;
/** Enough for a task to last while one looks at it: four requests for each file. */
const filesOfTask = 40;
/** What docs/images holds of these. */
const pictures = new Set(["team", "graph", "task"]);
const goal = "Replace var in every module";

test("an operator comes in by a ticket, watches, opens a task, steers, pauses and kills, across a restart of the engine", async (context) => {
  buildDashboard();
  const stage = new Stage(context, modules());
  const { url } = await stage.up();
  await stage.spawn({ name: "modules", count: agents, model: "demo", plan: plan(), budgetUsd: 5 });
  const browser = await openBrowser(context);
  const browsing = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  const { page, errors } = await openPage(browsing);

  await comeIn(stage, page, url);
  await watchFleet(page);
  await openTask(page);
  await steerPauseKill(page, stage);
  await readDiff(page);
  await restart(stage, page, url);
  await look(context, page);
  deepEqual(errors, []);
});

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
  await page
    .getByRole("link", { name: /part-1\b.*Replace/ })
    .first()
    .click();
  await page.getByText(/works on attempt 1/).waitFor();
  await page
    .getByLabel("transcript")
    .getByText(/write answered/)
    .first()
    .waitFor();
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
  await page.getByLabel("diff").getByText("+const quick = 1;").waitFor();
}

/** The page stays as it is, and goes on by itself with the session that it has. */
async function restart(stage: Stage, page: Page, url: string): Promise<void> {
  process.kill(stage.engine.pid, "SIGKILL");
  await page.getByText("reconnecting…").waitFor();
  await stage.up({ GODEL_PORT: new URL(url).port });
  await page.getByText("live", { exact: true }).waitFor();
  await page.goto(`${url}/`);
  await page.getByRole("link", { name: "modules", exact: true }).first().click();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByRole("button", { name: "Resume", exact: true }).waitFor();
  equal((await stage.status()).team.state, "paused");
}

/** Every page, dark and light, wide and narrow, for axe; kept as pictures where SCREENSHOTS is set. */
async function look(context: TestContext, page: Page): Promise<void> {
  const team = new URL(page.url()).pathname;
  const task = `${team.replace("/teams/", "/tasks/")}/part-2`;
  const pages: [string, string][] = [
    ["fleet", "/"],
    ["team", team],
    ["graph", `${team}?view=graph`],
    ["timeline", `${team}?view=timeline`],
    ["agents", `${team}?view=agents`],
    ["cost", `${team}?view=cost`],
    ["task", task],
    ["nodes", "/nodes"],
  ];
  const found: string[] = [];
  for (const [name, path] of pages) {
    const dark = name === "team" || name === "task";
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await page.goto(new URL(path, page.url()).href);
    await page.locator("main :is(h1, .empty)").first().waitFor({ state: "attached" });
    await page.waitForLoadState("networkidle");
    found.push(...(await violations(page)));
    if (process.env.SCREENSHOTS && pictures.has(name)) await keep(page, name);
  }
  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of ["/", team, task]) {
    await page.goto(new URL(path, page.url()).href);
    await page.locator("main h1").first().waitFor({ state: "attached" });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    ok(width <= 390, `${path} is ${width} px wide on a phone`);
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("nodes");
  found.push(...(await violations(page)));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/nodes$/);
  context.diagnostic(`axe looked at ${pages.length + 1} states`);
  deepEqual(found, []);
}

async function keep(page: Page, name: string): Promise<void> {
  const dir = join(root, "docs/images");
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: join(dir, `${name}.png`) });
}

function modules(): Record<string, string> {
  const names = Array.from({ length: agents * 2 }, (_, i) => i).flatMap((part) =>
    Array.from({ length: filesOfTask }, (_, i) => `m${part}-${i}.js`),
  );
  const all = names.map((name) => [name, "var a = 1;\nmodule.exports = a;\n"]);
  return Object.fromEntries([...all, ["quick.js", "var quick = 1;\nmodule.exports = quick;\n"]]);
}

function plan() {
  const tasks = Array.from({ length: agents * 2 }, (_, part) => {
    const files = Array.from({ length: filesOfTask }, (_, i) => `- m${part}-${i}.js`);
    const needs = part < agents - 1 ? [] : [`part-${part - agents + 1}`];
    return {
      id: `part-${part}`,
      title: `Replace var in part ${part}`,
      prompt: `Replace var in:\n${files.join("\n")}`,
      needs,
    };
  });
  const quick = {
    id: "quick",
    title: "Replace var in one file",
    prompt: "Replace var in `quick.js`.",
    needs: [],
    priority: 9,
  };
  return { goal, tasks: [quick, ...tasks] };
}
