import { join } from "node:path";
import type { AgentSession, SessionManager } from "@earendil-works/pi-coding-agent";
import type { AttemptId } from "../../model/records.ts";
import type { Gate } from "../gate.ts";
import { addendum, plainLoader } from "./loader.ts";
import type { PiModel } from "./models.ts";
import type { Shared } from "./shared.ts";
import { confinedTools } from "./tools.ts";

export interface SessionOptions {
  /** Marks its commands. */
  attempt: AttemptId;
  cwd: string;
  /** The agent's own folder. */
  home: string;
  model: PiModel;
  manager: SessionManager;
  /** Extra environment of commands. */
  env: Record<string, string>;
  /** Where each model request waits while the agent is paused. */
  gate: Gate;
}

export interface OpenSession {
  session: AgentSession;
  /** Whether the newest model request ended in an error of the request itself. */
  requestFailed(): boolean;
  /** Kills the commands that run and what earlier ones left in the background, then lets the session go. */
  close(): Promise<void>;
}

/** A pi session in one worktree, with our tools, our prompt and the gate in front of the model. */
export async function openSession(shared: Shared, options: SessionOptions): Promise<OpenSession> {
  const { sdk, clock, commandTimeoutMs } = shared;
  const { attempt, cwd, model, manager, gate } = options;
  const agentDir = join(options.home, "pi");
  const tools = confinedTools(sdk, { attempt, cwd, env: { ...shared.env, ...options.env }, commandTimeoutMs, clock });
  const text = addendum(cwd, commandTimeoutMs / 1_000);
  const { session } = await sdk.createAgentSession({
    cwd,
    agentDir,
    model,
    modelRuntime: shared.models.runtime,
    resourceLoader: plainLoader(sdk, { cwd, agentDir, addendum: text }),
    sessionManager: manager,
    settingsManager: sdk.SettingsManager.inMemory(shared.settings),
    tools: tools.names,
    customTools: tools.definitions,
  });
  let requestFailed = false;
  const ask = session.agent.streamFunction;
  session.agent.streamFunction = async (model, context, request) => {
    await gate.pass(request?.signal);
    const stream = await ask(model, context, request);
    void stream.result().then(
      (message) => {
        requestFailed = message.stopReason === "error";
      },
      () => {
        requestFailed = true;
      },
    );
    return stream;
  };
  return {
    session,
    requestFailed: () => requestFailed,
    async close() {
      await tools.sweep();
      session.dispose();
    },
  };
}
