/** A process of its own for each part, as in life: `provider`, `proxy` (a bare Node reverse proxy) or `gateway`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request as httpRequest, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway } from "../../src/gateway/gateway.ts";
import { openLedgerFile } from "../../src/gateway/ledger-file.ts";
import { providerOptions } from "../../src/gateway/limits/provider-options.ts";
import { systemClock } from "../../src/lib/clock.ts";

const [role, upstream = "", agents = "1"] = process.argv.slice(2);
process.on("disconnect", () => process.exit());
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ rssBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1_000 });
});

if (role === "provider") process.send?.({ urls: [await listening(provide)] });
else if (role === "proxy") process.send?.({ urls: [await listening(bareProxy(new URL(upstream)))] });
else process.send?.({ urls: await gatewayUrls(upstream, Number(agents)) });

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The first of its tokens at once, the others `x-gap-ms` apart; `x-tokens` in all. */
function provide(...[request, response]: Parameters<RequestListener>): void {
  const gapMs = Number(request.headers["x-gap-ms"]);
  let left = Number(request.headers["x-tokens"]);
  const say = (event: unknown) => response.write(`data: ${JSON.stringify(event)}\n\n`);
  const go = () => {
    do {
      if (left === 0) {
        say({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 10 } });
        response.end("data: [DONE]\n\n");
        return;
      }
      left -= 1;
      say({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta: { content: "a word " } }] });
    } while (gapMs === 0);
    const timer = setTimeout(go, gapMs);
    response.once("close", () => clearTimeout(timer));
  };
  request.resume().once("end", () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    go();
  });
}

function bareProxy(to: URL): RequestListener {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  return (request, response) => {
    const { method, url, headers } = request;
    const passed = httpRequest({ agent, host: to.hostname, port: to.port, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    request.pipe(passed);
  };
}

/** As a node has it: with a ledger on disk and a budget, and an address for each agent. */
async function gatewayUrls(baseUrl: string, count: number): Promise<string[]> {
  const piDir = mkdtempSync(join(tmpdir(), "godel-bench-gateway-"));
  process.once("exit", () => rmSync(piDir, { recursive: true, force: true }));
  const cost = { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 2 };
  const fast = { baseUrl, api: "openai-completions", apiKey: "k", models: [{ id: "m", cost, maxTokens: 4_096 }] };
  writeFileSync(join(piDir, "models.json"), JSON.stringify({ providers: { fast } }));
  const gateway = await Gateway.open({
    piDir,
    env: {},
    clock: systemClock,
    ledger: openLedgerFile(join(piDir, "ledger.log"), systemClock, () => {}),
    providers: providerOptions({ fast: { requestsPerMinute: 1_000_000 } }),
    onUsage: () => {},
  });
  gateway.openTeam({ id: "t", limit: { usd: 1e6, tokens: null }, spent: { usd: 0, tokens: 0 } });
  const grants = Array.from({ length: count }, (_, i) =>
    gateway.grant({ attempt: `t/k${i}/1`, task: `t/k${i}`, agent: `g${i}`, team: "t", model: "fast/m" }),
  );
  return (await Promise.all(grants)).map(({ url }) => url);
}
