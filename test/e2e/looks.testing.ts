/** What every page must look like: no violation that axe knows, dark and light, and no wider than a phone. */
import { deepEqual, ok } from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Page } from "playwright-core";
import { violations } from "../browser.testing.ts";
import { root } from "../sources.ts";

/** What docs/images holds of the pages that are looked at last; the others are kept on the way. */
const pictures = new Set(["team", "graph", "nodes"]);
/** Those shown dark. */
const dark = new Set(["team", "task"]);

/** Every page. The team of `task` has had work of all kinds. Pictures are kept where SCREENSHOTS is set. */
export async function lookAtAll(context: TestContext, page: Page, team: string): Promise<void> {
  const { origin } = new URL(page.url());
  const task = `/tasks/${team}`;
  const views = ["graph", "board", "timeline", "agents", "commits", "cost", "events"];
  const pages: [string, string][] = [
    ["fleet", "/"],
    ["spend", "/?by=spend"],
    ["team", `/teams/${team}`],
    ...views.map((view): [string, string] => [view, `/teams/${team}?view=${view}&task=join-4`]),
    ["nothing found", `/teams/${team}?q=nothing-is-called-that`],
    ["task", `${task}/part-2`],
    ["diff", `${task}/quick?tab=diff`],
    ["gates", `${task}/broken-0?tab=gates`],
    ["prompt", `${task}/quick?tab=prompt`],
    ["no task", `${task}/not-there`],
    ["no team", "/teams/not-there"],
    ["attention", "/attention"],
    ["spawn", "/spawn"],
    ["plan", "/spawn?by=plan"],
    ["nodes", "/nodes"],
    ["providers", "/providers"],
    ["history", "/history"],
  ];
  const found: string[] = [];
  for (const [name, path] of pages) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(origin + path);
    await page.locator("main :is(h1, .empty, .trouble)").first().waitFor({ state: "attached" });
    await page.waitForLoadState("networkidle");
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await violations(page)).map((each) => `${colorScheme} ${each}`));
      const isShown = colorScheme === (dark.has(name) ? "dark" : "light");
      if (process.env.SCREENSHOTS && pictures.has(name) && isShown) await keep(page, name, name === "graph");
    }
    await page.setViewportSize({ width: 390, height: 800 });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    ok(width <= 390, `${path} is ${width} px wide on a phone`);
    if (process.env.SCREENSHOTS && name === "task") await keep(page, "phone");
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const key of ["Control+k", "?"]) {
    await page.keyboard.press(key);
    await page.getByRole("dialog").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await violations(page)).map((each) => `${colorScheme} ${key} ${each}`));
    }
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  context.diagnostic(`axe looked at ${pages.length + 2} pages, dark and light`);
  deepEqual(found, []);
}

/** Under docs/images; `whole`: not only what is in sight. */
export async function keep(page: Page, name: string, whole = false): Promise<void> {
  if (!process.env.SCREENSHOTS) return;
  const dir = join(root, "docs/images");
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: join(dir, `${name}.png`), fullPage: whole });
}
