/** The dashboard and what it stands on: a real browser beside a fleet in memory. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openFleet } from "./dashboard/fleet.ts";
import { look, parts } from "./dashboard/page.ts";
import type { Bench, BenchOptions, Figure } from "./harness.ts";

const agents = 1_000;
const perSecond = 200;
const root = join(import.meta.dirname, "..");

export const bench: Bench = {
  name: "dashboard",
  about: `from the engine to the screen, with ${agents} agents and ${perSecond} events/s; first load; a scrape with 10,000 agents`,
  async run(options) {
    execFileSync(process.execPath, [join(root, "scripts/web.ts")]);
    // A long run is about the page alone.
    return [...(await screen(options)), ...(options.long ? [] : await scrape(options))];
  },
};

async function screen({ quick, long, seed }: BenchOptions): Promise<Figure[]> {
  const seconds = long ? 600 : quick ? 5 : 60;
  const fleet = await openFleet(agents, seed);
  const stop = fleet.churn(perSecond);
  try {
    const seen = await look(fleet.url, fleet.ticketPath(), agents, seconds);
    const bytes = seen.loaded.reduce(
      (sum, path) => sum + gzipSync(readFileSync(join(root, "web/dist", path))).length,
      0,
    );
    const frames = seen.frames.toSorted((a, b) => a - b);
    const latencies = seen.latencies.toSorted((a, b) => a - b);
    return [
      figure(`event to screen, p99 of ${latencies.length}`, quantile(latencies, 0.99), "ms", 250),
      figure("event to screen, median", quantile(latencies, 0.5), "ms", null),
      {
        ...figure(`frames over 50 ms, of ${frames.length} in ${seconds} s`, slow(frames), "", 1),
        beside: [{ name: "an empty page", value: slow(seen.emptyFrames) }],
      },
      {
        ...figure("longest frame", frames.at(-1) ?? 0, "ms", 50),
        beside: [{ name: "an empty page", value: Math.max(...seen.emptyFrames) }],
      },
      figure("frames per second", frames.length / seconds, "/s", null),
      figure(`page memory grown from ${seconds / parts} s to ${seconds} s`, seen.grownMiB, "MiB", 5),
      figure("page memory at its most, after a collection", Math.max(...seen.heapMiB), "MiB", null),
      figure("first load, gzipped", bytes / 1_024, "KiB", 300),
      figure("fleet on the screen after", seen.interactiveMs, "ms", 1_500),
    ];
  } finally {
    stop();
    await fleet.close();
  }
}

async function scrape({ quick, seed }: BenchOptions): Promise<Figure[]> {
  const many = quick ? 2_000 : 10_000;
  const fleet = await openFleet(many, seed);
  try {
    const times = Array.from({ length: 20 }, () => {
      const start = performance.now();
      fleet.metrics.text();
      return performance.now() - start;
    });
    return [
      figure(
        `scrape of /metrics with ${many.toLocaleString("en-US")} agents, worst of 20`,
        Math.max(...times),
        "ms",
        20,
      ),
    ];
  } finally {
    await fleet.close();
  }
}

function slow(frames: readonly number[]): number {
  return frames.filter((ms) => ms > 50).length;
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function figure(name: string, value: number, unit: string, below: number | null): Figure {
  return { name, value, unit, aim: below === null ? null : { below }, beside: [] };
}
