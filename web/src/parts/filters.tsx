import { count } from "../format.ts";
import { setQuery } from "../location.ts";
import { StateMark } from "./basics.tsx";

interface FiltersProps {
  /** What is searched, for those who do not see the field. */
  label: string;
  hint: string;
  /** What the address says now. */
  text: string;
  state: string;
  /** The states to choose from, each with how many are in it. */
  states: readonly { state: string; count: number }[];
}

/** The states that there are among `items`, and the one that is `chosen`, in `order`, each with how many are in it. */
export function statesOf(items: readonly { state: string }[], order: readonly string[], chosen: string) {
  const counts = Map.groupBy(items, ({ state }) => state);
  return order
    .map((state) => ({ state, count: counts.get(state)?.length ?? 0 }))
    .filter((each) => each.count > 0 || each.state === chosen);
}

/** A search, and one state or all; the address holds both. */
export function Filters({ label, hint, text, state, states }: FiltersProps) {
  return (
    <search className="filters">
      <input
        type="search"
        placeholder={hint}
        aria-label={label}
        value={text}
        onChange={(event) => setQuery({ q: event.target.value })}
      />
      {states.map((each) => (
        <button
          key={each.state}
          type="button"
          className="chip"
          aria-pressed={each.state === state}
          onClick={() => setQuery({ state: each.state === state ? "" : each.state })}
        >
          <StateMark state={each.state} /> {count(each.count)}
        </button>
      ))}
    </search>
  );
}
