/**
 * An agent host: a process that holds many agents of one runtime, and lives no longer than the node that forked it.
 *
 *     node host-main.ts RUNTIME
 */
import { GodelError, messageOf } from "../lib/errors.ts";
import { yieldCores } from "../lib/priority.ts";
import type { AgentId } from "../model/records.ts";
import { type AgentSpec, openRuntime, type RuntimeAgent } from "../runtimes/index.ts";
import { type Call, type FromHost, hostFailed, type ToHost } from "./host-protocol.ts";

const agents = new Map<AgentId, RuntimeAgent>();
const [name = ""] = process.argv.slice(2);

yieldCores();
// Orders wait in the channel until the runtime is loaded.
const runtime = await openRuntime(name);
process.on("message", (message: ToHost) => void obey(message));
// The node is gone, however it ended: no agent may outlive it.
process.once("disconnect", () => void leave(0));
process.once("SIGTERM", () => void leave(0));
// What was not foreseen ends the host with its reason on stderr; the node reports its agents lost.
process.once("uncaughtException", (error) => {
  console.error(error);
  void leave(hostFailed);
});
if (process.connected) send({ type: "loaded", rssBytes: rssBytes() });
else void leave(0);

async function obey(message: ToHost): Promise<void> {
  switch (message.type) {
    case "start":
      return start(message.agents);
    case "call":
      return send({ type: "reply", number: message.number, value: await answer(message.agent, message.call) });
    case "ping":
      return send({ type: "pong", rssBytes: rssBytes() });
    case "close":
      return leave(0);
  }
}

async function start(specs: AgentSpec[]): Promise<void> {
  const ready: Extract<FromHost, { type: "started" }>["ready"] = [];
  const failed: Extract<FromHost, { type: "started" }>["failed"] = [];
  for (const spec of specs) {
    try {
      const agent = await runtime.start(spec, (event) => send({ type: "event", agent: spec.id, event }));
      agents.set(spec.id, agent);
      ready.push({ agent: spec.id, sessionId: agent.sessionId });
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      failed.push({ agent: spec.id, message: messageOf(error) });
    }
  }
  send({ type: "started", ready, failed, rssBytes: rssBytes() });
}

async function answer(id: AgentId, call: Call): Promise<unknown> {
  const agent = agents.get(id);
  switch (call.op) {
    case "prompt":
      return agent?.prompt(call.work);
    case "steer":
      return agent?.steer(call.text);
    case "stop":
      await agent?.stop();
      return void agents.delete(id);
    default:
      return agent?.[call.op]();
  }
}

function rssBytes(): number {
  return process.memoryUsage.rss();
}

/** Ends all agents and their commands, then the process. */
async function leave(code: number): Promise<void> {
  await Promise.all([...agents.values()].map((agent) => agent.stop()));
  await runtime.close();
  process.exit(code);
}

function send(message: FromHost): void {
  // Without a channel the node is gone, and the host is about to leave.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
