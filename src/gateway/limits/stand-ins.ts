import type { TeamId } from "../../model/records.ts";

/** One who waits for a turn, and may be sent another way. */
interface Waiting {
  /** Its team may use another model by now. */
  isOther: boolean;
  enter(): void;
  leave(): void;
}

/** Which model each team may use when all that is set up is out, as a person allowed. */
export class StandIns {
  private readonly models = new Map<TeamId, string>();
  private readonly waiters = new Map<() => void, TeamId | null>();

  of(team: TeamId | null): string | undefined {
    return team === null ? undefined : this.models.get(team);
  }

  /** Sends all of the team who wait another way. O(who wait). */
  set(team: TeamId, model: string | undefined): void {
    if (model === this.models.get(team)) return;
    if (model === undefined) this.models.delete(team);
    else this.models.set(team, model);
    for (const [turnBack, of] of [...this.waiters]) if (of === team) turnBack();
  }

  /** `turnBack` ends the wait. Nothing is kept before `enter` and after `leave`. */
  waiting(team: TeamId | null, turnBack: () => void): Waiting {
    const back = () => {
      waiting.isOther = true;
      turnBack();
    };
    const waiting: Waiting = {
      isOther: false,
      enter: () => void this.waiters.set(back, team),
      leave: () => void this.waiters.delete(back),
    };
    return waiting;
  }
}
