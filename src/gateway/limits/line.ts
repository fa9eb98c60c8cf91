/**
 * Who waits for a limit. One line for all providers of a node:
 *
 *   waiting → let out   an endpoint of its route has room, and it is its turn
 *           → gone      its agent went away
 *
 * Teams take turns by weight (start-time fair queueing, Goyal et al. 1996, with a request as the unit), so that a team of
 * 500 agents does not starve a team of two; within a team who came first. Teams of a higher priority go before others, but for
 * one turn in eight, which goes by weight alone: so nobody waits for ever. A request whose route has no room lets others pass. Waiting holds the request's body and nothing else: no money, no connection to a provider.
 */
import { assert } from "../../lib/assert.ts";
import type { Clock, Millis } from "../../lib/clock.ts";
import type { Endpoint, Leave } from "./endpoint.ts";
import type { Need } from "./limit.ts";
import type { Route, Wait } from "./route.ts";

export interface TurnRequest<Target> {
  route: Route<Target>;
  need: Need;
  /** Who takes turns with others; null for what belongs to no team. */
  team: string | null;
  /** Turns of the team for each turn of a team of weight 1; above 0. */
  weight: number;
  /** A team of a higher one goes first, and within a team a request. */
  priority: number;
  /** Who waits, to be shown. */
  attempt: string | null;
}

export interface Turn<Target> {
  endpoint: Endpoint<Target>;
  leave: Leave;
}

/** One that waits, for people. */
export interface Waiting {
  team: string;
  attempt: string;
  why: string;
  /** On the clock's monotonic time; null where the end of another request is waited for. */
  until: Millis | null;
  since: Millis;
  /** All that could answer is out. */
  isOut: boolean;
  /** How long it waits so, in ms, before a person is asked. */
  askAfterMs: Millis;
}

interface Waiter<Target> extends TurnRequest<Target> {
  since: Millis;
  end(turn: Turn<Target> | null): void;
}

/** The requests of one team for one model. */
interface Flow<Target> {
  /** Virtual time of its next turn. */
  start: number;
  waiters: Waiter<Target>[];
  wait: Wait | null;
}

/** Of so many turns one goes by weight alone, whatever the priorities. */
const turnsByWeight = 8;

/** Timers of Node hold 31 bits of ms. */
const longestMs: Millis = 2 ** 31 - 1;

export class Line<Target> {
  private readonly clock: Clock;
  private readonly maxWaiting: number;
  private readonly flows = new Map<string, Flow<Target>>();
  private waiting = 0;
  /** The start of the last turn: what a flow that comes anew begins with. */
  private virtual = 0;
  /** Requests that were let out after they had waited. */
  private turns = 0;
  private alarm: { at: Millis; cancel(): void } | null = null;

  /** `maxWaiting`: the next is refused. */
  constructor(clock: Clock, maxWaiting: number) {
    this.clock = clock;
    this.maxWaiting = maxWaiting;
  }

  /** A turn at once where nobody waits and there is room. Null when `signal()`, which is asked for only to wait, aborts. */
  turn(request: TurnRequest<Target>, signal: () => AbortSignal): Turn<Target> | Promise<Turn<Target> | null> | "full" {
    const at = this.clock.monotonic();
    if (this.waiting === 0) {
      const found = request.route.find(at, request.need);
      if ("take" in found) return this.letOut(request, found, at);
    }
    return this.waiting >= this.maxWaiting ? "full" : this.join(request, signal());
  }

  /** Something changed: a request was let in, refused, or is over. O(1) while nobody waits, else O(flows) for each let out. */
  wake(): void {
    if (this.waiting > 0) this.advance();
  }

  list(): Waiting[] {
    return [...this.flows.values()].flatMap(({ waiters, wait }) =>
      waiters.flatMap(({ team, attempt, since, route }) => {
        if (team === null || attempt === null || wait === null) return [];
        const { why, isOut } = wait;
        const until = Number.isFinite(wait.until) ? wait.until : null;
        return [{ team, attempt, why, until, since, isOut, askAfterMs: route.patience.askAfterMs }];
      }),
    );
  }

  private letOut({ route, need }: TurnRequest<Target>, endpoint: Endpoint<Target>, at: Millis): Turn<Target> {
    route.started(endpoint);
    return { endpoint, leave: endpoint.take(at, need) };
  }

  private join(request: TurnRequest<Target>, signal: AbortSignal): Promise<Turn<Target> | null> {
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const key = `${request.team ?? ""}\n${request.route.id}`;
      const flow = this.flows.get(key) ?? { start: this.virtual, waiters: [], wait: null };
      const leave = () => waiter.end(null);
      const waiter: Waiter<Target> = {
        ...request,
        since: this.clock.monotonic(),
        end: (turn) => {
          signal.removeEventListener("abort", leave);
          flow.waiters.splice(flow.waiters.indexOf(waiter), 1);
          this.waiting -= 1;
          if (flow.waiters.length === 0) this.flows.delete(key);
          resolve(turn);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.flows.set(key, flow);
      const behind = flow.waiters.findLastIndex(({ priority }) => priority >= request.priority);
      flow.waiters.splice(behind + 1, 0, waiter);
      this.waiting += 1;
      this.advance();
    });
  }

  private advance(): void {
    const at = this.clock.monotonic();
    while (this.letOneOut(at));
    const soonest = Math.min(...[...this.flows.values()].map(({ wait }) => wait?.until ?? Number.POSITIVE_INFINITY));
    this.setAlarm(soonest, at);
  }

  private letOneOut(at: Millis): boolean {
    const byWeight = this.turns % turnsByWeight === turnsByWeight - 1;
    const flows = [...this.flows.values()].sort((a, b) => {
      return (byWeight ? 0 : priorityOf(b) - priorityOf(a)) || a.start - b.start;
    });
    for (const flow of flows) {
      const [first] = flow.waiters;
      assert(first !== undefined, "a flow without requests was kept");
      const found = first.route.find(at, first.need);
      if (!("take" in found)) {
        flow.wait = found;
        continue;
      }
      this.turns += 1;
      this.virtual = Math.max(this.virtual, flow.start);
      flow.start = this.virtual + 1 / first.weight;
      first.end(this.letOut(first, found, at));
      return true;
    }
    return false;
  }

  private setAlarm(due: Millis, at: Millis): void {
    if (this.alarm?.at === due) return;
    this.alarm?.cancel();
    this.alarm = null;
    if (!Number.isFinite(due)) return;
    // A whole millisecond at the least, for a timer may come a fraction too early.
    const delay = Math.min(longestMs, Math.max(1, Math.ceil(due - at)));
    const cancel = this.clock.after(delay, () => {
      this.alarm = null;
      this.advance();
    });
    this.alarm = { at: due, cancel };
  }
}

function priorityOf<Target>({ waiters }: Flow<Target>): number {
  return waiters[0]?.priority ?? 0;
}
