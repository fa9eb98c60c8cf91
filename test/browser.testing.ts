/** A real Chromium for tests of the dashboard: Debian's, without a screen. */
import { ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { root } from "./sources.ts";

const executablePath = "/usr/bin/chromium";
const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What is not on the page by then never will be: fifty agents on a small machine take their time. */
const patienceMs = 90_000;

/** Builds the dashboard if it is not what the sources give. */
export function buildDashboard(): void {
  execFileSync(process.execPath, [join(root, "scripts/web.ts")]);
}

export async function openBrowser(context: TestContext): Promise<Browser> {
  ok(existsSync(executablePath), "no chromium: run scripts/setup-debian.sh");
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath, args: [...quiet, ...sandbox] });
  context.after(() => browser.close());
  return browser;
}

/** A page that fails the test by whatever goes wrong in it; `errors` is what did. */
export async function openPage(browser: BrowserContext): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage();
  page.setDefaultTimeout(patienceMs);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) errors.push(message.text());
  });
  return { page, errors };
}

/** What axe finds against WCAG 2.2 AA, a line each. Evaluated, as the policy of the page lets no foreign script in. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { passes, violations } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ passes: Finding[]; violations: Finding[] }> } };
    return axe.run();
  });
  ok(passes.length > 10, "axe found nothing to look at");
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  return found.map((each) => `${new URL(page.url()).pathname}: ${each}`);
}

interface Finding {
  id: string;
  nodes: { html: string }[];
}
