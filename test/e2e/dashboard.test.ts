/** The dashboard as an operator uses it: a real browser, a real engine, fifty real agents of the demo model. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { Ticket } from "../../src/api/wire.ts";
import { scriptedModel } from "../../src/runtimes/pi/scripted-model.testing.ts";
import { buildDashboard, openBrowser, openPage } from "../browser.testing.ts";
import { offerModel } from "../scripted-provider.testing.ts";
import { Stage } from "../stage.testing.ts";
import { keep, lookAtAll } from "./looks.testing.ts";
import { brokenTasks, modules, plan } from "./modules.testing.ts";

const agents = 50;

test("an operator spawns 50 agents on the page, watches, opens a task, steers, pauses, kills, reassigns and decides, across a restart of the engine", async (context) => {
  buildDashboard();
  const stage = new Stage(context, modules());
  const speech = Promise.withResolvers<void>();
  offerModel(stage, (await scriptedModel(context, undefined, speech.promise)).url);
  const { url } = await stage.up({ MINE_KEY: "x" });
  const browser = await openBrowser(context);
  const browsing = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  const { page, errors } = await openPage(browsing);

  await comeIn(stage, page, url);
  const team = await spawnTeam(page, stage);
  await watchFleet(page, stage, team);
  await openTask(page);
  await steerPauseKill(page, stage);
  await reassign(page, stage, team);
  await readDiff(page, team);
  await restart(stage, page, url);
  await decideForMany(page, stage, team);
  await cancelAndUndo(page, stage, team);
  await useKeys(page, team);
  await watchSpeech(page, stage, () => speech.resolve());
  await page.goto(url);
  await lookAtAll(context, page, team);
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

/** With a plan that is looked at first. Answers the id of the team. */
async function spawnTeam(page: Page, stage: Stage): Promise<string> {
  await page.getByText("No team yet").waitFor();
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
  await keep(page, "spawn", true);
  await page.getByRole("button", { name: `Start ${agents} agents` }).click();
  await page.getByRole("heading", { name: "modules" }).waitFor();
  await page.getByRole("link", { name: "Fleet" }).click();
  return (await stage.status("modules")).team.id;
}

async function watchFleet(page: Page, stage: Stage, team: string): Promise<void> {
  const map = page.getByRole("img", { name: new RegExp(`^${agents} agents: .*busy`) });
  await map.waitFor();
  deepEqual(
    (await stage.agents("modules")).map(({ runtime }) => runtime),
    Array.from({ length: agents }, () => "pi"),
  );
  await page.getByText(/usually .* s$/).waitFor();
  await page.getByRole("img", { name: /spent, .* reserved, budget \$5.00/ }).waitFor();
  await page.getByRole("button", { name: "by spend" }).click();
  equal(new URL(page.url()).search, "?by=spend");
  await page.getByRole("button", { name: "by state" }).click();
  await map.hover({ position: { x: 10, y: 10 } });
  await page
    .locator(".tip")
    .getByText(/^\$.* spent$/)
    .waitFor();
  await page.getByRole("link", { name: "modules", exact: true }).first().click();
  await page.getByRole("heading", { name: "modules" }).waitFor();
  equal(new URL(page.url()).pathname, `/teams/${team}`);
}

/** By search: the address holds it. */
async function openTask(page: Page): Promise<void> {
  await page.getByLabel("Search tasks").fill("part-1");
  await page.waitForURL(/q=part-1/);
  await page.getByRole("link", { name: /part-1\b.*Replace/ }).click();
  await page.getByText(/works on attempt 1/).waitFor();
  await transcript(page, /write answered/);
  await keep(page, "task");
}

async function transcript(page: Page, text: RegExp | string): Promise<void> {
  await page.getByLabel("transcript").getByText(text).first().waitFor();
}

async function steerPauseKill(page: Page, stage: Stage): Promise<void> {
  await page.getByLabel("Tell the agent").fill("Prefer const.");
  await page.getByRole("button", { name: "Steer" }).click();
  await page.getByText("Told; it reads that before its next step.").waitFor();
  await transcript(page, "Prefer const.");
  await page.getByRole("button", { name: "Pause agent" }).click();
  await page.getByRole("button", { name: "Resume agent" }).waitFor();
  equal((await stage.agents()).filter(({ state }) => state === "paused").length, 1);
  await page.getByRole("button", { name: "Resume agent" }).click();
  await page.getByRole("button", { name: "Pause agent" }).waitFor();
  await page.getByRole("button", { name: "Kill agent" }).click();
  await confirm(page, "Kill agent");
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

async function confirm(page: Page, label: string): Promise<void> {
  await page.getByRole("dialog").getByRole("button", { name: label }).click();
}

/** To another agent: the one that had it goes on elsewhere. */
async function reassign(page: Page, stage: Stage, team: string): Promise<void> {
  await page.goto(new URL(`/tasks/${team}/part-3`, page.url()).href);
  await page.getByText(/works on attempt 1/).waitFor();
  await page.getByRole("button", { name: "Reassign" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "No" }).click();
  equal((await stage.task("modules/part-3")).attempts, 1);
  await page.getByRole("button", { name: "Reassign" }).click();
  await confirm(page, "Reassign");
  await page.getByText("part-3 waits for another agent.").waitFor();
  await page.getByText(/works on attempt 2/).waitFor();
  const [before, after] = (await stage.task("modules/part-3")).attemptList;
  notEqual(before?.agent, after?.agent);
  const held = (await stage.agents()).find(({ id }) => id === before?.agent);
  ok(held && held.state !== "stopped", "the agent that had the task is gone");
}

/** Of a task that is done soon. */
async function readDiff(page: Page, team: string): Promise<void> {
  await page.goto(new URL(`/tasks/${team}/quick`, page.url()).href);
  await page.getByRole("button", { name: "diff" }).click();
  await page.getByLabel("diff").getByText("+const a = 1;").waitFor();
}

/** The page stays as it is, and goes on by itself with the session that it has; so do the agents. */
async function restart(stage: Stage, page: Page, url: string): Promise<void> {
  await page.goto(`${url}/`);
  await page.getByRole("img", { name: /^\d+ agents: .*busy/ }).waitFor();
  await keep(page, "fleet");
  await page.getByRole("link", { name: "modules", exact: true }).first().click();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByRole("button", { name: "Resume", exact: true }).waitFor();
  await page.evaluate("globalThis.neverLoadedAnew = true");
  process.kill(stage.engine.pid, "SIGKILL");
  await page.getByText("reconnecting…").waitFor();
  await stage.up({ GODEL_PORT: new URL(url).port, MINE_KEY: "x" });
  await page.getByText("live", { exact: true }).waitFor();
  equal((await stage.status("modules")).team.state, "paused");
  await page.getByRole("link", { name: /Needs you/ }).click();
  await page.getByText("the team is paused").waitFor();
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await page.getByText("modules goes on.").waitFor();
  equal((await stage.status("modules")).team.state, "running");
  // The stream goes on as well: work that is done after the restart shows.
  const done = (await stage.status("modules")).tasks.done;
  await page.getByRole("link", { name: "modules", exact: true }).first().click();
  await page.getByRole("heading", { name: "modules" }).waitFor();
  const shown = page.locator(".stat dd").first();
  await stage.until(
    "the page shows more as done",
    async () => Number.parseInt((await shown.textContent()) ?? "", 10) > done,
  );
  equal(await page.evaluate("globalThis.neverLoadedAnew"), true);
}

/** One decision for all that failed for one cause, and for all agents that are held. */
async function decideForMany(page: Page, stage: Stage, team: string): Promise<void> {
  await page.getByRole("link", { name: /Needs you/ }).click();
  await page.getByText(`${brokenTasks.length} tasks failed: gate`).waitFor();
  await page.getByText(`which ${brokenTasks.length}`).click();
  await keep(page, "attention");
  await page.getByRole("button", { name: `Retry all ${brokenTasks.length}` }).click();
  await confirm(page, "Retry all");
  await page.getByText(`${brokenTasks.length} tasks queued again.`).waitFor();
  for (const key of brokenTasks) ok((await stage.task(`modules/${key}`)).attempts >= 3);
  await page.goto(new URL(`/teams/${team}?view=agents&q=part-`, page.url()).href);
  await page.getByRole("button", { name: /^Pause \d/ }).click();
  await page.getByText(/^\d agents? paused\./).waitFor();
  const held = (await stage.agents("modules")).filter(({ state }) => state === "paused").length;
  ok(held > 0);
  await page.getByRole("link", { name: /Needs you/ }).click();
  const paused = page.getByText(held === 1 ? "1 agent is paused" : `${held} agents are paused`);
  await paused.waitFor();
  const resume = page.getByRole("button", { name: /^Resume/ });
  await resume.click();
  await page.getByText(/^\d agents? resumed\./).waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await paused.waitFor();
  await resume.click();
  await paused.waitFor({ state: "detached" });
}

/** For all that a search has found, after a question, and with a way back. */
async function cancelAndUndo(page: Page, stage: Stage, team: string): Promise<void> {
  await page.goto(new URL(`/teams/${team}?q=part-`, page.url()).href);
  const cancel = page.getByRole("button", { name: /^Cancel \d/ });
  await cancel.click();
  match((await page.getByRole("dialog").textContent()) ?? "", /Cancel \d tasks\?/);
  await page.keyboard.press("Escape");
  const open = (await stage.tasks("modules")).filter(({ key, state }) => /^part-/.test(key) && state !== "done");
  equal(open.filter(({ state }) => state === "cancelled").length, 0);
  await cancel.click();
  await confirm(page, "Cancel");
  await page.getByText(/^\d tasks cancelled/).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText(/^\d tasks queued again\.$/).waitFor();
  const states = (await stage.tasks("modules")).filter(({ key }) => /^part-/.test(key)).map(({ state }) => state);
  ok(!states.includes("cancelled"), `still cancelled: ${states}`);
}

/** All of it without a mouse, and dark or light as one chose, also next time. */
async function useKeys(page: Page, team: string): Promise<void> {
  await goTo(page, "part-4", /part-4 task/);
  await page.waitForURL(`**/tasks/${team}/part-4`);
  await page.keyboard.press("g");
  await page.keyboard.press("n");
  await page.waitForURL("**/nodes");
  await page.getByText(/agents, \d+ at work/).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await goTo(page, "modules", /modules team/);
  await page.waitForURL(`**/teams/${team}`);
  await page.getByRole("link", { name: /quick/ }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("quick");
  await page.waitForURL(/q=quick/);
  await page.getByLabel("Search tasks").blur();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/tasks/${team}/quick`);
  const theme = () => page.evaluate<string>("document.documentElement.dataset.theme");
  await page.getByRole("button", { name: "Dark or light" }).click();
  const chosen = await theme();
  await page.reload();
  equal(await theme(), chosen);
  await page.evaluate("localStorage.clear()");
}

/** By the palette. */
async function goTo(page: Page, text: string, option: RegExp): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill(text);
  await page.getByRole("option", { name: option }).waitFor();
  await page.keyboard.press("Enter");
}

/** What an agent's command prints and what it says is on the page before either is complete. */
async function watchSpeech(page: Page, stage: Stage, speakOn: () => void): Promise<void> {
  const go = join(stage.dir, "go");
  const prompt = `bash echo $((40+2)) so far; while [ ! -e '${go}' ]; do sleep 0.05; done\nsay The first half of it, and then the other half.`;
  const task = { id: "speak", title: "Speak", prompt, diff: "optional" };
  const { team } = await stage.spawn({ name: "talk", model: "mine/scripted-1", plan: { tasks: [task] } });
  await page.goto(new URL(`/tasks/${team.id}/speak`, page.url()).href);
  const coming = page.getByLabel("transcript").locator(".streaming");
  await coming.getByText("42 so far").waitFor();
  writeFileSync(go, "");
  await coming.getByText("The first half").waitFor();
  equal(await page.getByLabel("transcript").getByText("the other half").count(), 1, "only as it was told");
  speakOn();
  await page.getByLabel("transcript").locator(".said").getByText("and then the other half.").waitFor();
  await coming.waitFor({ state: "detached" });
}
