import type { AttemptId } from "../model/records.ts";
import { noUsage } from "../model/usage.ts";
import type { ReadSession } from "../node/ports.ts";
import { BrokenPromise } from "./broken-promise.ts";
import type { Dice } from "./dice.ts";

/** What an agent has said and done so far, as its file holds it. */
export interface SimSession {
  /** The attempt whose deed it is: who goes on in it goes on with that. */
  readonly of: { attempt: AttemptId; prompt: string };
  /** Turns that are over. */
  turns: number;
  /** What it has written. */
  readonly written: Set<string>;
  finished: boolean;
  /** Whether an agent works in it at this moment. */
  isBusy(): boolean;
  /** The one that it is a copy of. */
  readonly source: SimSession | null;
}

interface Opening extends Pick<SimSession, "of" | "isBusy"> {
  dir: string;
  /** A session was copied to `dir`, to go on in. */
  goesOn: boolean;
  /** The paths that the agent finds changed. */
  tree: ReadonlySet<string>;
}

const alone = "one agent at a time works in a session";
const whole = "who goes on in a session finds the work that was done in it";

/** The session files of all attempts, by folder. They outlive every process, as files do. */
export class Sessions {
  readonly #byDir = new Map<string, SimSession>();
  readonly #dice: Dice;

  readonly #onBroken: (promise: BrokenPromise) => void;

  constructor(dice: Dice, onBroken: (promise: BrokenPromise) => void) {
    this.#dice = dice;
    this.#onBroken = onBroken;
  }

  /** A new one, or the one that was copied there to go on in. */
  open({ dir, of, goesOn, tree, isBusy }: Opening): SimSession {
    const { attempt } = of;
    const copy = goesOn ? this.#byDir.get(dir) : undefined;
    if (copy?.source?.isBusy())
      this.#onBroken(new BrokenPromise(alone, `${attempt} goes on in that of ${copy.of.attempt}`));
    const missing = [...(copy?.written ?? [])].find((path) => !tree.has(path));
    if (missing !== undefined) this.#onBroken(new BrokenPromise(whole, `${attempt} goes on without ${missing}`));
    const fresh: SimSession = { of, turns: 0, written: new Set(), finished: false, source: null, isBusy };
    const session = copy ? { ...copy, isBusy } : fresh;
    this.#byDir.set(dir, session);
    return session;
  }

  /** Some are gone, or damaged: the disk is not always kind. */
  readonly read: ReadSession = async (dir) => {
    const session = this.#byDir.get(dir);
    if (!session) return { refused: "its session file is gone" };
    if (this.#dice.chance(0.05)) return { refused: "its session file is damaged" };
    return {
      id: `s-${session.of.attempt}`,
      usage: { ...noUsage, requests: session.turns },
      finished: session.finished ? "done" : null,
      copyTo: async (to) => {
        if (this.#dice.chance(0.02)) return { refused: "its session file cannot be written" };
        this.#byDir.set(to, { ...session, written: new Set(session.written), isBusy: () => false, source: session });
        return { file: `${to}/session`, undo: async () => void this.#byDir.delete(to) };
      },
    };
  };
}
