/**
 * Tells the stages of a new team as steps, then hands over to the display of its work.
 *
 *   planning -> listing -> spawning -> distributing -> working
 *
 * A plan from a file skips the first two. An end, or an agent that does not come up, ends a stage early.
 */
import type { StreamFrame, TaskSummary, TeamStatus } from "../api/wire.ts";
import { teamEnded } from "../model/states.ts";
import type { Display } from "./follow-team.ts";
import { counts, duration, plural } from "./ui/format.ts";
import type { Steps } from "./ui/steps.ts";

export interface SpawnDisplayParts {
  steps: Steps;
  /** Shows the team once work has begun; takes all events, whenever they come. */
  work: Display;
  listTasks(): Promise<TaskSummary[]>;
  /** The tasks that a model planned, ready to be printed. */
  planText(tasks: readonly TaskSummary[]): string;
}

type Stage = "planning" | "listing" | "spawning" | "distributing" | "working";
type StatusFrame = Extract<StreamFrame, { type: "status" }>;

export class SpawnDisplay implements Display {
  readonly #parts: SpawnDisplayParts;
  #stage: Stage | null = null;
  #last: StatusFrame | null = null;

  constructor(parts: SpawnDisplayParts) {
    this.#parts = parts;
  }

  frame(frame: StreamFrame): void {
    if (frame.type === "event") return this.#parts.work.frame(frame);
    if (frame.type !== "status") return;
    this.#last = frame;
    if (this.#stage === null) this.#enter(frame.status.team.state === "planning" ? "planning" : "spawning");
    this.#advance();
    if (this.#stage === "working") this.#parts.work.frame(frame);
  }

  link(up: boolean): void {
    this.#parts.work.link(up);
  }

  close(): void {
    this.#parts.steps.leave();
    this.#parts.work.close();
  }

  #advance(): void {
    const status = this.#last?.status;
    if (!status) return;
    const { steps } = this.#parts;
    const ended = teamEnded(status.team.state);
    if (this.#stage === "planning" && status.tasks.total > 0) {
      steps.done(plural(status.tasks.total, "task"));
      this.#enter("listing");
    }
    if (this.#stage === "spawning" && (ended || status.timing.allReadyMs !== null || status.agents.failed > 0)) {
      steps.done(readiness(status));
      this.#enter("distributing");
    }
    if (this.#stage === "distributing" && (ended || hasBegun(status))) {
      const { running, blocked, queued } = status.tasks;
      steps.done(counts({ running, blocked, queued }));
      this.#enter("working");
    }
  }

  #enter(stage: Stage): void {
    this.#stage = stage;
    const { steps } = this.#parts;
    const status = this.#last?.status;
    if (stage === "planning") steps.begin("Planning");
    if (stage === "listing") void this.#showPlan();
    if (stage === "spawning") steps.begin(`Spawning ${plural(status?.agents.desired ?? 0, "agent")}`);
    if (stage === "distributing") steps.begin(`Distributing ${plural(status?.tasks.total ?? 0, "task")}`);
  }

  /** The plan is what the money will be spent on. An engine that goes away meanwhile only costs us the list. */
  async #showPlan(): Promise<void> {
    const { listTasks, planText, steps } = this.#parts;
    const tasks = await listTasks().catch(() => []);
    steps.say(planText(tasks));
    this.#enter("spawning");
    this.#advance();
  }
}

function readiness({ timing, agents }: TeamStatus): string {
  if (timing.allReadyMs !== null) return duration(timing.allReadyMs);
  return `${agents.total - agents.starting} so far`;
}

function hasBegun({ tasks }: TeamStatus): boolean {
  return tasks.blocked + tasks.queued < tasks.total;
}
