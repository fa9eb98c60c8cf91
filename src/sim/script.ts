import { splitFile } from "../model/plan.ts";
import type { AttemptId } from "../model/records.ts";
import { Dice } from "./dice.ts";
import { brokenPath } from "./git-world.ts";

/** One turn of an agent. */
export interface Script {
  toolMs: number;
  /** The file that it writes, if it writes one. */
  path: string | null;
  /** It thinks for that long, and nobody hears of it: no tool runs meanwhile. */
  quiet?: boolean;
}

export interface Deed {
  steps: Script[];
  /** `deaf`: it hangs, and does not hear that it is to stop either. `loops`: it does the same until it is stopped. */
  end: "done" | "fails" | "hangs" | "deaf" | "loops" | "hangs-host" | "kills-host";
}

/** What a task says that kills every host that works on it. */
export const poisonPrompt = "poison";

/** What a task says that takes an agent as many turns as real work does. */
export const longPrompt = "long";

/** What a task says that its agent may split. */
export const largePrompt = "large";

/** The parts of a task that the agent of `attempt` splits: a few, of which the last needs the others or not. */
export function splitOf(attempt: AttemptId): string {
  const dice = new Dice(0, `split of ${attempt}`);
  const count = dice.whole(1, 4);
  const last = dice.chance(0.5);
  const tasks = Array.from({ length: count }, (_, i) => ({
    id: `${attempt.slice(attempt.lastIndexOf("/") + 1)}-${i}`,
    prompt: dice.chance(0.3) ? largePrompt : "part",
    needs:
      last && i === count - 1
        ? Array.from({ length: i }, (_, need) => `${attempt.slice(attempt.lastIndexOf("/") + 1)}-${need}`)
        : [],
  }));
  return JSON.stringify({ tasks });
}

/** What an agent will do with an attempt: the same whenever it is asked, so that other parts of the world do not matter. */
export function deedOf(
  seed: number,
  { attempt, prompt }: { attempt: AttemptId; prompt: string },
  honest = false,
): Deed {
  const dice = new Dice(seed, `deed of ${attempt}`);
  const own = attempt.slice(0, attempt.lastIndexOf("/"));
  const turns = prompt.startsWith(longPrompt) ? dice.whole(10, 30) : dice.whole(1, 6);
  const steps: Script[] = Array.from({ length: turns }, (_, i) => ({
    toolMs: dice.chance(0.1) ? dice.between(10_000, 120_000) : dice.between(100, 10_000),
    path: i === 0 ? own : dice.chance(0.3) ? `${own}/${i}` : null,
  }));
  if (prompt.startsWith(largePrompt) && dice.chance(0.5))
    return { steps: [{ toolMs: 1_000, path: splitFile }], end: "done" };
  if (prompt.startsWith(poisonPrompt)) return { steps, end: "kills-host" };
  if (honest) return { steps, end: "done" };
  const roll = dice.next();
  const last = steps.at(-1);
  // Done, it says: nothing was changed, or the gates will not pass, or others change the same file.
  if (roll < 0.04) return { steps: steps.map(({ toolMs }) => ({ toolMs, path: null })), end: "done" };
  if (roll < 0.1 && last) last.path = brokenPath;
  else if (roll < 0.2 && last) last.path = `shared-${dice.whole(1, 2)}`;
  else if (roll < 0.24) return { steps, end: "fails" };
  else if (roll < 0.26) return { steps, end: dice.chance(0.5) ? "deaf" : "hangs" };
  else if (roll < 0.27) return { steps, end: "hangs-host" };
  else if (roll < 0.28) return { steps, end: "kills-host" };
  return { steps, end: mishapOf(seed, attempt, steps) };
}

/** Of those that would be done: a few go round in a circle instead, and some think for a while, unheard. */
function mishapOf(seed: number, attempt: AttemptId, steps: Script[]): "done" | "loops" {
  const dice = new Dice(seed, `mishap of ${attempt}`);
  for (const step of steps) if (dice.chance(0.1)) step.quiet = true;
  return dice.chance(0.03) ? "loops" : "done";
}
