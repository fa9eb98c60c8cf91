/** Shows a team until it ends or the person has seen enough: a live view on a terminal, lines without one. */
import type { StreamFrame, TeamStatus } from "../api/wire.ts";
import type { Millis } from "../lib/clock.ts";
import { teamEnded } from "../model/states.ts";
import type { Cli } from "./cli.ts";
import { clientOf } from "./client.ts";
import { watch } from "./stream.ts";
import { eventText } from "./ui/event-text.ts";
import { liveView } from "./ui/live-view.ts";
import { Screen } from "./ui/screen.ts";
import { progressLine } from "./ui/team-text.ts";

/** Between two lines of progress without a terminal, in ms. */
const lineEveryMs: Millis = 5_000;
/** Between two drawings where nothing happens, in ms. */
const tickMs: Millis = 1_000;
/** Events of all teams among which those are that a view begins with. */
const lately = 500;
/** Events kept for the view. */
const maxEvents = 20;

type StatusFrame = Extract<StreamFrame, { type: "status" }>;

export interface Display {
  frame(frame: StreamFrame): void;
  link(up: boolean): void;
  close(): void;
}

export interface FollowOptions {
  /** The team's id. */
  team: string;
  /** The event after which to tell all there was; null: only what comes. */
  from: string | null;
  display: Display;
  signal: AbortSignal;
}

/** The last status seen; null if `signal` aborted before there was one. */
export async function followTeam(cli: Cli, options: FollowOptions): Promise<TeamStatus | null> {
  const { team, from, display, signal } = options;
  let last: TeamStatus | null = null;
  const onFrame = (frame: StreamFrame) => {
    if (frame.type === "status") last = frame.status;
    display.frame(frame);
    return frame.type === "status" && teamEnded(frame.status.team.state);
  };
  try {
    await watch(cli, { team, from }, { onFrame, onLink: (up) => display.link(up) }, signal);
  } finally {
    display.close();
  }
  return last;
}

/** The event to go on from so that the newest ones are shown too. */
export async function fromLately({ home }: Cli): Promise<string> {
  const { seq } = await clientOf(home).call("getHealth");
  return String(Math.max(0, Number(seq) - lately));
}

export function displayFor(cli: Cli, quiet: boolean): Display {
  if (quiet) return { frame() {}, link() {}, close() {} };
  return cli.err.live ? liveDisplay(cli) : lineDisplay(cli);
}

function liveDisplay({ err, clock }: Cli): Display {
  const screen = new Screen(err);
  const events: string[] = [];
  let shown: { frame: StatusFrame; at: Millis } | null = null;
  let notice = "";
  let cancelTick = () => {};
  const draw = () => {
    if (shown === null) return;
    const view = { ...aged(shown.frame, clock.monotonic() - shown.at), events, notice };
    screen.draw(liveView(view, { width: err.width, height: err.height }, err.style));
    // The time goes on where nothing else does.
    cancelTick();
    cancelTick = clock.after(tickMs, draw);
  };
  return {
    frame(frame) {
      // Drawn with the status that follows each batch of events.
      if (frame.type === "event") return keep(events, eventText(frame.event, err.style));
      if (frame.type !== "status") return;
      shown = { frame, at: clock.monotonic() };
      draw();
    },
    link(up) {
      notice = up ? "" : awayText;
      draw();
    },
    close() {
      cancelTick();
      screen.close();
    },
  };
}

function aged({ status, slowest }: StatusFrame, byMs: Millis): Pick<StatusFrame, "status" | "slowest"> {
  const { timing } = status;
  return {
    status: { ...status, timing: { ...timing, elapsedMs: timing.elapsedMs + byMs } },
    slowest: slowest.map((work) => ({ ...work, forMs: work.forMs + byMs })),
  };
}

function lineDisplay({ err, clock }: Cli): Display {
  let said = "";
  let saidAt = Number.NEGATIVE_INFINITY;
  const say = (line: string) => {
    if (line === said) return;
    said = line;
    saidAt = clock.monotonic();
    err.write(`${line}\n`);
  };
  return {
    frame(frame) {
      if (frame.type === "event") {
        // Without a terminal the many merges are in the totals; what went wrong deserves its line.
        const text = frame.event.type === "taskDone" ? "" : eventText(frame.event, err.style);
        if (text !== "") err.write(`${text}\n`);
      } else if (frame.type === "status" && clock.monotonic() - saidAt >= lineEveryMs) say(progressLine(frame.status));
    },
    link: (up) => say(up ? "The engine is back." : awayText),
    close() {},
  };
}

const awayText = "The engine is away; looking for it for up to a minute (`godel up` starts it again)…";

function keep(events: string[], text: string): void {
  if (text !== "") events.push(text);
  if (events.length > maxEvents) events.shift();
}
