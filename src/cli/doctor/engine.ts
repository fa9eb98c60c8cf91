/** Whether an engine runs, or could. */
import { createServer } from "node:net";
import { codeOf } from "../../lib/errors.ts";
import type { Cli } from "../cli.ts";
import { readEngineFile } from "../engine-file.ts";
import { probe } from "../probe.ts";
import { type Check, check } from "./check.ts";

const defaultPort = 7373;

export async function checkEngine(cli: Cli): Promise<Check[]> {
  const found = await probe(cli.home);
  if (!found) return [stopped(cli), await checkPort(Number(cli.env.GODEL_PORT ?? defaultPort))];
  const { engine, health } = found;
  const linked = health.nodes.filter((node) => node.linked);
  const names = linked.map((node) => `${node.id} (process ${node.pid})`).join(", ");
  return [
    check("engine", "ok", `version ${health.version} at ${engine.url} (process ${engine.pid})`),
    check("node", linked.length > 0 ? "ok" : "warn", names || "not linked", `See ${cli.home.nodeLog}.`),
  ];
}

function stopped({ home }: Cli): Check {
  const stale = readEngineFile(home) !== null;
  if (!stale) return check("engine", "info", "not running", "`godel up` starts it; so does `godel team spawn`.");
  return check("engine", "warn", "was killed", "`godel up` starts it again; its teams go on.");
}

async function checkPort(port: number): Promise<Check> {
  const code = await tryPort(port);
  const advice = "Choose another with `godel up --port` or GODEL_PORT; 0 takes any free one.";
  return check("port", code === null ? "ok" : "fail", code === null ? `${port} is free` : `${port}: ${code}`, advice);
}

/** Why nothing can listen there; null when it can. */
function tryPort(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(codeOf(error) === "EADDRINUSE" ? "taken" : (codeOf(error) ?? "unusable")));
    server.listen({ host: "127.0.0.1", port }, () => server.close(() => resolve(null)));
  });
}
