/** Tasks in flight past which all are alike. */
export const mostCrowded = 7;

/** The crowd of those that come after all others. */
export const lastCrowd = mostCrowded + 1;

/** How many agents have how many tasks in flight: which of them are cold. O(1), however many there are. */
export class InFlight {
  readonly #counts = new Int32Array(mostCrowded + 1);
  #total = 0;

  add(active: number, step: 1 | -1): void {
    const at = Math.min(active, mostCrowded);
    this.#counts[at] = (this.#counts[at] ?? 0) + step;
    this.#total += step;
  }

  /** The most that a cold agent has in flight: the `share` quantile. */
  quantile(share: number): number {
    let below = 0;
    for (let active = 0; active < mostCrowded; active++) {
      below += this.#counts[active] ?? 0;
      if (below >= share * this.#total) return active;
    }
    return mostCrowded;
  }
}
