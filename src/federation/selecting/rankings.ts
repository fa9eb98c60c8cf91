import type { Members } from "./members.ts";
import type { SelectorOptions } from "./options.ts";
import { Ranking } from "./ranking.ts";
import { keyOf, type SelectionRequest, wantedOf } from "./request.ts";

/** Kinds of requests that are ranked at once; past it, the one not asked for longest is ranked anew when it comes again. */
const maxRankings = 64;

/** A ranking for each kind of request, made when it is first asked for. */
export class Rankings {
  readonly #members: Members;
  readonly #options: SelectorOptions;
  /** The one asked last stands last. */
  readonly #rankings = new Map<string, Ranking>();

  constructor(members: Members, options: SelectorOptions) {
    this.#members = members;
    this.#options = options;
  }

  /** Up to date. @throws GodelError OPTION_RANGE */
  of(request: SelectionRequest): Ranking {
    const key = keyOf(request);
    const known = this.#rankings.get(key);
    const ranking = known ?? new Ranking(this.#members, wantedOf(request, key), this.#options);
    if (this.#rankings.size >= maxRankings) {
      const [oldest] = this.#rankings.keys();
      this.#rankings.delete(known ? key : (oldest ?? key));
    }
    if (!known || this.#rankings.size < maxRankings) this.#rankings.set(key, ranking);
    ranking.refresh();
    return ranking;
  }

  outdate(): void {
    for (const ranking of this.#rankings.values()) ranking.outdate();
  }
}
