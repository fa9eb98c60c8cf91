/** Bugs of each kind that the simulator must find. They are put into the world around the shipped code, not into it. */
import { policyDefaults } from "../federation/policies.ts";
import type { Endpoint } from "../gateway/limits/endpoint.ts";
import type { Route } from "../gateway/limits/route.ts";
import { Routes, type Target } from "../gateway/limits/routes.ts";
import { decodeFrame, encodeFrame, type FromNode, type ToNode } from "../model/link.ts";
import type { AttemptId } from "../model/records.ts";
import type { MergeOutcome, MergeRequest } from "../workspace/index.ts";
import type { Bugs } from "./bugs.ts";
import { sicknessBugs } from "./planted-sickness.testing.ts";
import { SimWorktrees } from "./worktrees.ts";

type Parts = ConstructorParameters<typeof SimWorktrees>[0];

/** A merge that does not know its own commit when it is ordered again. */
class MergesTwice extends SimWorktrees {
  readonly #git: Parts["git"];

  constructor(parts: Parts) {
    super(parts);
    this.#git = parts.git;
  }

  protected override mergeNow(request: MergeRequest): MergeOutcome {
    const kept = this.#git.refs.get(request.attempt);
    const known = this.#git.branch(request.team).some(({ attempt }) => attempt === request.attempt);
    return known && kept ? { merged: this.#git.append(request.team, kept).id } : super.mergeNow(request);
  }
}

/** A worktree that is removed with what is in it. */
class DeletesWork extends SimWorktrees {
  readonly #git: Parts["git"];

  constructor(parts: Parts) {
    super(parts);
    this.#git = parts.git;
  }

  protected override releaseNow(attempt: AttemptId): string | null {
    this.#git.trees.delete(attempt);
    return null;
  }
}

/** An agent that goes on is put into a worktree that holds nothing of what it did. */
class EmptiesTrees extends SimWorktrees {
  readonly #git: Parts["git"];

  constructor(parts: Parts) {
    super(parts);
    this.#git = parts.git;
  }

  override async adopt(...args: Parameters<SimWorktrees["adopt"]>) {
    const workspace = await super.adopt(...args);
    this.#git.trees.get(args[0].id)?.changes.clear();
    return workspace;
  }
}

/** After a 429 all that wait for its end go at once, instead of one that tries it. */
class Stampede extends Routes {
  readonly #wild = new WeakMap<Route<Target>, Route<Target>>();

  override async of(...asked: Parameters<Routes["of"]>): Promise<Route<Target>> {
    const route = await super.of(...asked);
    const wild = this.#wild.get(route) ?? this.#unbound(route);
    this.#wild.set(route, wild);
    return wild;
  }

  #unbound(route: Route<Target>): Route<Target> {
    let last: Endpoint<Target> | undefined;
    return new Proxy(route, {
      get(target, name: keyof Route<Target>) {
        if (name === "find") {
          return (...args: Parameters<Route<Target>["find"]>) => {
            const found = target.find(...args);
            const proving =
              !("take" in found) && found.until === Number.POSITIVE_INFINITY && /^the first/.test(found.why);
            return proving && last ? last : found;
          };
        }
        if (name === "started") {
          return (endpoint: Endpoint<Target>) => {
            last = endpoint;
            target.started(endpoint);
          };
        }
        const value = target[name];
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}

/** Every `n`th time true. */
function everyNth(n: number): () => boolean {
  let count = 0;
  return () => ++count % n === 0;
}

function startsEarly(): NonNullable<Bugs["toNode"]> {
  const blocked = new Map<string, string>();
  const rarely = everyNth(3);
  return (text) => {
    const frame = decodeFrame<ToNode>(text);
    if (frame?.type !== "order" || frame.order.type !== "startAttempt") return [text];
    const { attempt } = frame.order;
    if (blocked.has(attempt.id) || !rarely()) return [text];
    // The task after this one in the plan, at once.
    const next = `k${Number(attempt.key.slice(1)) + 1}`;
    const task = `${attempt.team}/${next}`;
    const early = { ...attempt, id: `${task}/1`, task, key: next };
    blocked.set(early.id, next);
    return [encodeFrame({ ...frame, order: { type: "startAttempt", attempt: early } }), text];
  };
}

function losesReports(): NonNullable<Bugs["toEngine"]> {
  const rarely = everyNth(40);
  return (text) => (decodeFrame<FromNode>(text)?.type === "report" && rarely() ? [] : [text]);
}

function acceptsStaleEpochs(frame: string, epoch: string): string {
  const order = decodeFrame<ToNode>(frame);
  return order?.type === "order" ? encodeFrame({ ...order, epoch }) : frame;
}

function hearsStaleHeartbeats(frame: string, epoch: string): string {
  const beat = decodeFrame<FromNode>(frame);
  return beat?.type === "heartbeat" ? encodeFrame({ ...beat, epoch }) : frame;
}

function forgetsHostDeaths(text: string): string[] {
  const frame = decodeFrame<FromNode>(text);
  if (frame?.type !== "report" || frame.report.type !== "hostLost") return [text];
  return [encodeFrame({ ...frame, report: { ...frame.report, attempts: [] } })];
}

/** What fails by an outage is told as if it were the fault of the task. */
export function blamesTasks(text: string): string[] {
  const frame = decodeFrame<FromNode>(text);
  if (frame?.type !== "report" || frame.report.type !== "attemptFailed") return [text];
  const { report } = frame;
  if (report.failure.reason !== "provider") return [text];
  return [encodeFrame({ ...frame, report: { ...report, failure: { ...report.failure, reason: "agent-error" } } })];
}

/** The node hears of no agent that is to leave. */
function neverStops(text: string): string[] {
  const frame = decodeFrame<ToNode>(text);
  return frame?.type === "order" && frame.order.type === "stopAgents" ? [] : [text];
}

/** The node waits for an agent to stop as long as that takes. */
function waitsForEver(text: string): string[] {
  const frame = decodeFrame<ToNode>(text);
  if (frame?.type !== "order" || frame.order.type !== "startAgents") return [text];
  const agents = frame.order.agents.map((agent) => ({ ...agent, stopWithinMs: 1e12 }));
  return [encodeFrame({ ...frame, order: { ...frame.order, agents } })];
}

/** Each makes a world with one bug anew, by what the bug is. */
export const plantedBugs: Record<string, () => Bugs> = {
  "a merge is done twice": () => ({ worktrees: (parts) => new MergesTwice(parts) }),
  "an append is acknowledged before it is on the disk": () => ({ engineDied: (store) => void store.batches.pop() }),
  "what left the state is not on the disk": () => ({ engineDied: (store) => store.kept.clear() }),
  "a stale epoch is accepted": () => ({ staleOrder: acceptsStaleEpochs }),
  "a heartbeat of an older epoch is heard": () => ({ staleHeartbeat: hearsStaleHeartbeats }),
  "a task starts before its needs are done": () => ({ toNode: startsEarly() }),
  "unmerged work is deleted": () => ({ worktrees: (parts) => new DeletesWork(parts) }),
  "an agent goes on without its work": () => ({ worktrees: (parts) => new EmptiesTrees(parts) }),
  "a budget is overshot": () => ({ forgetsCap: true }),
  "money is spent without being counted": () => ({ forgetsMoney: true }),
  "a task that kills its hosts is never quarantined": () => ({ toEngine: forgetsHostDeaths }),
  "a reservation does not survive its node": () => ({ losesReservations: true }),
  "what the machine is short of is not told": () => ({ forgetsPressure: true }),
  "two tasks work on the same files": () => ({ forgetsFiles: true }),
  "a node that keeps dying is started again at once": () => ({
    supervisor: { checkMs: 200, deadAfterMs: 30_000, restartMs: 0 },
  }),
  "a 429 parks only who was told of it": () => ({ limitsOfItsOwn: true }),
  "all go at once when a limit is over": () => ({ routes: (options) => new Stampede(options) }),
  "an agent that is to leave stays": () => ({ toNode: neverStops }),
  "an agent that does not stop is waited for": () => ({ toNode: waitsForEver }),
  "a node is given more agents than it takes": () => ({ engine: { policies: policyDefaults } }),
  "a report is lost": () => ({ toEngine: losesReports() }),
  ...sicknessBugs,
};
