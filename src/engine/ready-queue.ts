import TinyQueue from "tinyqueue";
import type { Claims } from "../federation/claims/claims.ts";
import type { Millis } from "../lib/clock.ts";
import type { Task, TaskId } from "../model/records.ts";

/** The critical path first, then what a person holds more urgent, then what has waited for longest, then the plan. */
export function byUrgency(a: Task, b: Task): number {
  return b.rank - a.rank || b.priority - a.priority || a.queuedAt - b.queuedAt || a.order - b.order;
}

/** Tasks that the same agents may have and that claim the same files: what holds up one of them holds up all. */
interface Line {
  tasks: TinyQueue<Task>;
  lane: string;
  files: readonly string[];
  /** Tasks in it that are queued still. */
  count: number;
  /** The task whose claim is in the way, as far as was looked. */
  waitsFor: TaskId | null;
}

/** A line by the task that was at its head; out of date once another is. */
interface Entry {
  head: Task;
  line: Line;
}

/** Lines that the same agents may have, by their heads. Every line that waits for nobody has an entry that is up to date. */
type Lane = TinyQueue<Entry>;

/**
 * The queued tasks of one team, so that the most urgent one that may start is found without a look at the others.
 *
 * A line whose claim overlaps with one that is held is set aside under the holder, and comes back when that lets go: each
 * is looked at once for each holder that it met, and never at every pick. O(log tasks) otherwise. What is set aside is only
 * remembered and never decided: rebuilt from the tasks, the queue gives the same answers. Tasks that are no longer queued
 * stay in the heaps until they come to the top.
 */
export class ReadyQueue {
  readonly #claims: Claims;
  readonly #lanes = new Map<string, Lane>();
  readonly #lines = new Map<string, Line>();
  readonly #lineOf = new Map<TaskId, Line>();
  /** Lines set aside, by the holder that they wait for. */
  readonly #aside = new Map<TaskId, Line[]>();
  #queuedBehind = 0;

  constructor(claims: Claims) {
    this.#claims = claims;
  }

  /** Queued tasks that more agents could not start now: others that claim their files are before them. */
  get queuedBehind(): number {
    return this.#queuedBehind;
  }

  /** When each of its tasks began to wait. O(tasks). */
  queuedAt(): Millis[] {
    return [...this.#lines.values()].flatMap(({ tasks }) =>
      tasks.data.filter(({ state }) => state === "queued").map(({ queuedAt }) => queuedAt),
    );
  }

  /** A task that is in it already stays where it is. */
  push(task: Task): void {
    if (this.#lineOf.has(task.id)) return;
    const line = this.#lineFor(task);
    const before = line.tasks.peek();
    line.tasks.push(task);
    this.#lineOf.set(task.id, line);
    this.#count(line, 1);
    const head = line.tasks.peek();
    if (head && head !== before) this.#offer(line, head);
  }

  /** `task` is not queued any more. */
  left(task: Task): void {
    const line = this.#lineOf.get(task.id);
    if (!line) return;
    this.#lineOf.delete(task.id);
    this.#count(line, -1);
    const before = line.tasks.peek();
    const head = headOf(line);
    if (head && head !== before) this.#offer(line, head);
  }

  /** `holder` let go of its claims: who waited for it is looked at again. */
  released(holder: TaskId): void {
    const lines = this.#aside.get(holder) ?? [];
    this.#aside.delete(holder);
    for (const line of lines) {
      const behind = behindOf(line);
      line.waitsFor = null;
      this.#queuedBehind += behindOf(line) - behind;
      const head = headOf(line);
      if (head) this.#offer(line, head);
    }
  }

  /** The most urgent task that may start, for each set of agents; the most urgent of all first. */
  best(): Task[] {
    const tasks = [...this.#lanes.values()].map((lane) => this.#bestOf(lane));
    return tasks.filter((task) => task !== undefined).sort(byUrgency);
  }

  #bestOf(lane: Lane): Task | undefined {
    for (let entry = lane.peek(); entry; entry = lane.peek()) {
      const { line, head } = entry;
      if (line.waitsFor === null && head === line.tasks.peek() && head.state === "queued") {
        const conflict = this.#claims.conflict(line.files);
        if (!conflict) return head;
        this.#setAside(line, conflict.holder);
      }
      lane.pop();
    }
    return undefined;
  }

  #setAside(line: Line, holder: TaskId): void {
    const behind = behindOf(line);
    line.waitsFor = holder;
    this.#queuedBehind += behindOf(line) - behind;
    const others = this.#aside.get(holder);
    if (others) others.push(line);
    else this.#aside.set(holder, [line]);
  }

  #offer(line: Line, head: Task): void {
    if (line.waitsFor !== null) return;
    const lane = this.#lanes.get(line.lane) ?? new TinyQueue<Entry>([], (a, b) => byUrgency(a.head, b.head));
    this.#lanes.set(line.lane, lane);
    lane.push({ head, line });
  }

  #lineFor(task: Task): Line {
    const { files } = task;
    const lane = laneOf(task);
    const key = `${lane}\n${files.join("\n")}`;
    const known = this.#lines.get(key);
    if (known) return known;
    const line: Line = { tasks: new TinyQueue<Task>([], byUrgency), lane, files, count: 0, waitsFor: null };
    this.#lines.set(key, line);
    return line;
  }

  #count(line: Line, step: 1 | -1): void {
    const behind = behindOf(line);
    line.count += step;
    this.#queuedBehind += behindOf(line) - behind;
  }
}

/** Of tasks that claim the same files one can start, and none while another holds them. */
function behindOf({ files, count, waitsFor }: Line): number {
  if (files.length === 0) return 0;
  return waitsFor === null ? Math.max(0, count - 1) : count;
}

/** Whose task it is to be depends on its skills, and on whom it was taken from. */
function laneOf({ skills, takenFrom }: Task): string {
  const asked = skills.toSorted().join(" ");
  return takenFrom === undefined ? asked : `${asked}\t${takenFrom}`;
}

/** The most urgent task of a line that is queued still; the others above it are dropped. */
function headOf(line: Line): Task | undefined {
  let head = line.tasks.peek();
  for (; head && head.state !== "queued"; head = line.tasks.peek()) line.tasks.pop();
  return head;
}
