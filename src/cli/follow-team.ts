/** Shows a team until it ends or the person has seen enough: a live view on a terminal, lines without one. */
import type { StreamFrame, TeamStatus } from "../api/wire.ts";
import type { Millis } from "../lib/clock.ts";
import { teamEnded } from "../model/states.ts";
import type { Cli } from "./cli.ts";
import { watch } from "./stream.ts";
import type { Output } from "./terminal.ts";
import { eventText } from "./ui/event-text.ts";
import { liveView } from "./ui/live-view.ts";
import { Screen } from "./ui/screen.ts";
import { progressLine } from "./ui/team-text.ts";

/** Between two lines of progress without a terminal, in ms. */
const lineEveryMs: Millis = 5_000;
/** Events kept for the view. */
const maxEvents = 20;

export interface Display {
  frame(frame: StreamFrame): void;
  link(up: boolean): void;
  close(): void;
}

export interface FollowOptions {
  /** The team's id. */
  team: string;
  display: Display;
  /** Answers true to stop before the end. */
  until?(status: TeamStatus): boolean;
  signal: AbortSignal;
}

/** The last status seen; null if `signal` aborted before there was one. */
export async function followTeam(cli: Cli, options: FollowOptions): Promise<TeamStatus | null> {
  const { team, display, until = () => false, signal } = options;
  let last: TeamStatus | null = null;
  const onFrame = (frame: StreamFrame) => {
    if (frame.type === "status") last = frame.status;
    display.frame(frame);
    return frame.type === "status" && (teamEnded(frame.status.team.state) || until(frame.status));
  };
  try {
    await watch(cli, team, { onFrame, onLink: (up) => display.link(up) }, signal);
  } finally {
    display.close();
  }
  return last;
}

export function displayFor(cli: Cli, quiet: boolean): Display {
  if (quiet) return { frame() {}, link() {}, close() {} };
  return cli.err.live ? liveDisplay(cli.err) : lineDisplay(cli);
}

function liveDisplay(out: Output): Display {
  const screen = new Screen(out);
  const events: string[] = [];
  let status: Extract<StreamFrame, { type: "status" }> | null = null;
  let notice = "";
  const draw = () => {
    if (status === null) return;
    screen.draw(liveView({ ...status, events, notice }, { width: out.width, height: out.height }, out.style));
  };
  return {
    frame(frame) {
      // Drawn with the status that follows each batch of events.
      if (frame.type === "event") keep(events, eventText(frame.event, out.style));
      else {
        status = frame;
        draw();
      }
    },
    link(up) {
      notice = up ? "" : awayText;
      draw();
    },
    close: () => screen.close(),
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
      } else if (clock.monotonic() - saidAt >= lineEveryMs) say(progressLine(frame.status));
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
