import { existsSync, writeFileSync } from "node:fs";
import type { SessionManager } from "@earendil-works/pi-coding-agent";
import { present } from "../../lib/assert.ts";
import { messageOf } from "../../lib/errors.ts";
import type { ModelTarget } from "../../model/model-target.ts";
import { addUsage, noUsage, type Usage } from "../../model/usage.ts";
import { activityLine } from "../activity.ts";
import { gate } from "../gate.ts";
import type { AgentSpec, RuntimeAgent, RuntimeEvent, Settled, Work } from "../runtime.ts";
import { failed } from "../settled.ts";
import { describe } from "./describe.ts";
import { outcome } from "./outcome.ts";
import { type SayingOf, sayingOf } from "./saying.ts";
import { type OpenSession, openSession, type SessionOptions } from "./session.ts";
import type { Shared } from "./shared.ts";
import { signsOf } from "./signs.ts";
import { count, newTally } from "./tally.ts";
import { toolCallsOf } from "./tool-calls.ts";

interface Run {
  aborted: boolean;
  open?: OpenSession;
  settled?: Promise<Settled>;
  saying?: SayingOf;
}

/**
 * One agent of the runtime `pi`: a first session from its start, and a fresh one for each prompt, so that what one
 * task left in the conversation neither leaks into the next nor is paid for again.
 */
export class PiAgent implements RuntimeAgent {
  sessionId: string;
  private readonly spec: AgentSpec & { model: ModelTarget };
  private readonly shared: Shared;
  private readonly onEvent: (event: RuntimeEvent) => void;
  private readonly gate = gate();
  /** The session of the start, until a prompt takes its place. */
  private idle: OpenSession | undefined;
  private run: Run | undefined;
  private stopped = false;
  private used: Usage = noUsage;

  static async start(shared: Shared, spec: AgentSpec & { model: ModelTarget }, onEvent: (event: RuntimeEvent) => void) {
    const agent = new PiAgent(shared, spec, onEvent);
    const manager = shared.sdk.SessionManager.inMemory(spec.home);
    agent.idle = await agent.openSession({ attempt: "", cwd: spec.home, env: {}, url: unreachable, manager });
    agent.sessionId = agent.idle.session.sessionId;
    return agent;
  }

  private constructor(
    shared: Shared,
    spec: AgentSpec & { model: ModelTarget },
    onEvent: (event: RuntimeEvent) => void,
  ) {
    this.sessionId = "";
    this.shared = shared;
    this.spec = spec;
    this.onEvent = onEvent;
  }

  async prompt(work: Work): Promise<Settled> {
    if (this.stopped) return failed("cancelled", "the agent has stopped");
    if (this.run) return failed("agent-error", "the agent works on another prompt");
    const run: Run = { aborted: false };
    this.run = run;
    run.settled = this.work(work, run).catch((error) => failed("agent-error", messageOf(error)));
    const settled = await run.settled;
    this.run = undefined;
    this.used = addUsage(this.used, settled.usage);
    return settled;
  }

  async steer(text: string): Promise<boolean> {
    const session = this.run?.open?.session;
    if (!session?.isStreaming || this.run?.aborted) return false;
    await session.steer(text);
    return true;
  }

  async abort(): Promise<void> {
    const { run } = this;
    if (!run) return;
    run.aborted = true;
    await run.open?.session.abort();
    await run.settled;
  }

  async pause(): Promise<void> {
    this.gate.close();
  }

  async resume(): Promise<void> {
    this.gate.open();
  }

  async watch(): Promise<void> {
    this.run?.saying?.watch();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.abort();
    await this.dropIdle();
  }

  usage(): Usage {
    return this.used;
  }

  private async work(work: Work, run: Run): Promise<Settled> {
    if (!existsSync(work.cwd)) return failed("workspace", `there is no worktree ${work.cwd}`);
    if (work.modelUrl === null) return failed("agent-error", "the attempt has no address of a model");
    const manager = this.sessionFor(work);
    const open = await this.openSession({
      attempt: work.attempt,
      cwd: work.cwd,
      env: work.env,
      url: work.modelUrl,
      manager,
      target: work.model,
    });
    await this.dropIdle();
    const { attempt } = work;
    const { session } = open;
    this.sessionId = session.sessionId;
    this.onEvent({
      type: "session",
      attempt,
      sessionId: session.sessionId,
      transcript: manager.getSessionFile() ?? null,
    });
    const line = activityLine(this.shared.clock, (text) => this.onEvent({ type: "activity", attempt, text }));
    run.saying = sayingOf(this.shared.clock, (parts) => this.onEvent({ type: "saying", attempt, parts }));
    const { saying } = run;
    const tally = newTally();
    const signs = signsOf(this.shared.clock);
    const toolCall = toolCallsOf(this.shared.clock);
    session.subscribe((event) => {
      count(tally, event);
      for (const sign of signs(event)) this.onEvent({ type: "sign", attempt, sign });
      const call = toolCall(event);
      if (call) this.onEvent({ type: "tool", attempt, call });
      const text = describe(event);
      if (text !== undefined) line.say(text);
      saying.hear(event);
    });
    this.shared.status.watch(work.modelUrl);
    try {
      run.open = open;
      // Resolves when pi has settled: retries and compaction are over.
      if (!run.aborted) await session.prompt(work.prompt, { expandPromptTemplates: false });
      const status = this.shared.status.last(work.modelUrl);
      return outcome({ aborted: run.aborted, requestFailed: open.requestFailed(), status, tally });
    } catch (error) {
      return failed("agent-error", messageOf(error), tally.usage);
    } finally {
      line.end();
      saying.end();
      this.shared.status.forget(work.modelUrl);
      await open.close();
    }
  }

  /** The one to go on in, or a new one. By itself pi would keep nothing of it before the first answer. */
  private sessionFor({ session, cwd, transcriptDir }: Work): SessionManager {
    const { SessionManager } = this.shared.sdk;
    if (session !== undefined) return SessionManager.open(session, transcriptDir, cwd);
    const fresh = SessionManager.create(cwd, transcriptDir);
    const file = present(fresh.getSessionFile(), "the file of a session that is kept");
    writeFileSync(file, `${JSON.stringify(fresh.getHeader())}\n`);
    return SessionManager.open(file, transcriptDir, cwd);
  }

  private openSession({ url, target = this.spec.model, ...at }: At): Promise<OpenSession> {
    const model = this.shared.models.at(target, url);
    return openSession(this.shared, { ...at, home: this.spec.home, model, gate: this.gate });
  }

  private async dropIdle(): Promise<void> {
    const { idle } = this;
    this.idle = undefined;
    await idle?.close();
  }
}

/** What differs between the sessions of one agent. */
type At = Pick<SessionOptions, "attempt" | "cwd" | "env" | "manager"> & { url: string; target?: ModelTarget };

/** The address of a session that has no attempt yet: the discard port, where nobody answers. */
const unreachable = "http://127.0.0.1:9";
