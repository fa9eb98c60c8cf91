import type { AttemptId } from "../model/records.ts";
import type { Dice } from "./dice.ts";
import type { Outages } from "./outages.ts";

/** A request that the provider works on. */
interface Ticket {
  attempt: AttemptId;
  leastUsd: number;
  mostUsd: number;
}

/** Who sells the models: it outlives every process, and knows what it charged for. */
export class Provider {
  /** USD, by attempt. */
  readonly charged = new Map<AttemptId, number>();
  /** Attempts whose gateway died before it had written down how a request ended: it must reckon with the worst. */
  readonly interrupted = new Set<AttemptId>();
  readonly #open = new Set<Ticket>();
  /** Called for each request that fails because nobody answers. */
  onOutage: Outages["failed"] = () => {};

  /** Takes a request that it may bill anything between the two for. The returned function ends it. */
  accept(attempt: AttemptId, leastUsd: number, mostUsd: number): (usd: number) => void {
    const ticket = { attempt, leastUsd, mostUsd };
    this.#open.add(ticket);
    return (usd) => {
      if (this.#open.delete(ticket)) this.#charge(attempt, usd);
    };
  }

  /** Nobody listens any more: it goes on to the end all the same, and bills it. */
  abandon(dice: Dice): void {
    for (const { attempt, leastUsd, mostUsd } of this.#open) {
      this.#charge(attempt, dice.chance(0.3) ? mostUsd : dice.between(leastUsd, mostUsd));
    }
    this.#open.clear();
  }

  #charge(attempt: AttemptId, usd: number): void {
    this.charged.set(attempt, (this.charged.get(attempt) ?? 0) + usd);
  }
}
