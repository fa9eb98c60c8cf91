/** What is asked of a provider, directly or through something in between, and what its agents notice. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { fileURLToPath } from "node:url";

const worker = fileURLToPath(new URL("./worker.ts", import.meta.url));
/** A conversation of some 16 KiB, asked for as pi does. */
const body = JSON.stringify({
  model: "m",
  stream: true,
  stream_options: { include_usage: true },
  max_tokens: 100,
  messages: [{ role: "user", content: "x".repeat(16_000) }],
});

/** One part in a process of its own. */
export class Part {
  readonly urls: readonly string[];
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, urls: readonly string[]) {
    this.child = child;
    this.urls = urls;
  }

  static async start(role: "provider" | "proxy" | "gateway", ...args: string[]): Promise<Part> {
    const child = fork(worker, [role, ...args], { execArgv: ["--disable-warning=ExperimentalWarning"] });
    const [{ urls }] = (await once(child, "message")) as [{ urls: string[] }];
    return new Part(child, urls);
  }

  /** Memory now, and processor time since its start. */
  async usage(): Promise<{ rssBytes: number; cpuMs: number }> {
    this.child.send("usage");
    const [usage] = (await once(this.child, "message")) as [{ rssBytes: number; cpuMs: number }];
    return usage;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, "exit");
    this.child.disconnect();
    await exited;
  }
}

export interface Streaming {
  urls: readonly string[];
  tokens: number;
  gapMs: number;
}

/** Asks with one agent's connection for a stream, and reads it. Resolves with the ms to its first token. */
export function ask({ urls, tokens, gapMs }: Streaming, agent: Agent, number: number): Promise<number> {
  const url = `${urls[number % urls.length]}/chat/completions`;
  const headers = {
    "content-type": "application/json",
    "content-length": body.length,
    "x-tokens": tokens,
    "x-gap-ms": gapMs,
  };
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const sent = httpRequest(url, { method: "POST", agent, headers }, (answer) => {
      let firstMs: number | null = null;
      if (answer.statusCode !== 200) reject(new Error(`HTTP ${answer.statusCode}`));
      answer.on("data", () => {
        firstMs ??= performance.now() - start;
      });
      answer.once("end", () => resolve(firstMs ?? Number.NaN));
      answer.once("error", reject);
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

/**
 * `atOnce` streams under way, and new ones at an even pace in their place. Resolves with the ms to each first token.
 * `brief` asks at that pace for fewer tokens: beside streams that run elsewhere, halfway between them.
 */
export async function firstTokens(
  streaming: Streaming,
  atOnce: number,
  count: number,
  brief?: { tokens: number },
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const lastsMs = streaming.tokens * streaming.gapMs;
  const start = performance.now();
  const all = Array.from({ length: atOnce + count }, async (_, i) => {
    const dueMs = ((i + (brief ? 0.5 : 0)) / atOnce) * lastsMs - (performance.now() - start);
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    return ask({ ...streaming, ...brief }, agent, i);
  });
  const times = await Promise.all(all);
  agent.destroy();
  // The first ones find fewer under way than there are to be.
  return times.slice(atOnce);
}

/** Requests a second that so many agents get answered, each asking again as soon as it has its answer. */
export async function throughput(streaming: Streaming, agents: number, forMs: number): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const start = performance.now();
  let answered = 0;
  const loops = Array.from({ length: agents }, async (_, i) => {
    while (performance.now() - start < forMs) {
      await ask(streaming, agent, i);
      answered += 1;
    }
  });
  await Promise.all(loops);
  const seconds = (performance.now() - start) / 1_000;
  agent.destroy();
  return answered / seconds;
}
