/** A real Chromium that notes, inside the page, when each event came to the screen and how long each frame took. */
import { chromium } from "playwright-core";

export interface Seen {
  /** From an event's time in the engine to the frame after the one that drew it, in ms. */
  latencies: number[];
  /** Between two frames, in ms. */
  frames: number[];
  /** The same of an empty page just before: what the machine and the browser do by themselves. */
  emptyFrames: number[];
  /** Of the page's heap from a first part of the run, when all that it keeps is there, to its end, in MiB. */
  grownMiB: number;
  /** The page's heap after a collection, at the start and after each part of the run. */
  heapMiB: number[];
  /** From the start of loading until the fleet stands on the screen, in ms. */
  interactiveMs: number;
  /** Scripts and styles that came before that, as they are, by path. */
  loaded: string[];
}

/** Parts of a run. Between two of them the heap is collected, which takes a frame or two that do not count. */
export const parts = 5;
const maxEmptySeconds = 60;
/** Once the collection is over, and what came meanwhile is drawn. */
const begin = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  seen.latencies = [];
  seen.frames = [];
  done();
})))`;

const args = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--js-flags=--expose-gc"];

/** Runs in the page before its own code. An event counts as seen two frames after it came: then its cell was painted. */
const probe = `(() => {
  const seen = (globalThis.seen = { latencies: [], frames: [] });
  let waiting = [], drawn = [], last = performance.now();
  const Native = WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        const frame = JSON.parse(data);
        if (frame.type === "event") waiting.push(frame.event.at);
      });
    }
  };
  const step = (now) => {
    seen.frames.push(now - last);
    last = now;
    const wall = performance.timeOrigin + performance.now();
    for (const at of drawn) seen.latencies.push(wall - at);
    drawn = waiting;
    waiting = [];
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})()`;

export async function look(url: string, ticketPath: string, agents: number, seconds: number): Promise<Seen> {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: [...args, ...sandbox] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    // Not by the page: its files shall not be in the cache yet.
    await page.request.get(url + ticketPath, { maxRedirects: 0 });
    const loaded: string[] = [];
    page.on("response", (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith("/assets/")) loaded.push(pathname);
    });
    await page.addInitScript(probe);
    await page.goto("about:blank");
    await page.waitForTimeout(Math.min(seconds, maxEmptySeconds) * 1_000);
    const emptyFrames = await page.evaluate<number[]>("seen.frames.slice(1)");
    const start = performance.now();
    await page.goto(url);
    await page.getByRole("img", { name: new RegExp(`^${agents} agents`) }).waitFor();
    const interactiveMs = performance.now() - start;
    const seen: Pick<Seen, "latencies" | "frames"> = { latencies: [], frames: [] };
    const heapMiB = [await heap()];
    for (let part = 0; part < parts; part++) {
      await page.evaluate(begin);
      await page.waitForTimeout((seconds * 1_000) / parts);
      const { latencies, frames } = await page.evaluate<typeof seen>("seen");
      seen.latencies.push(...latencies);
      seen.frames.push(...frames);
      heapMiB.push(await heap());
    }
    const [first = 0, second = 0] = heapMiB;
    const grownMiB = (heapMiB.at(-1) ?? 0) - Math.max(first, second);
    return { ...seen, emptyFrames, grownMiB, heapMiB, interactiveMs, loaded };

    /** Without what the probe holds. */
    function heap(): Promise<number> {
      return page.evaluate<number>(
        "seen.latencies = [], seen.frames = [], gc(), performance.memory.usedJSHeapSize / 2 ** 20",
      );
    }
  } finally {
    await browser.close();
  }
}
