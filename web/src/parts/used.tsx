import { count } from "../format.ts";

/** Above this share a bar warns. */
const scarce = 0.9;

interface UsedParts {
  name: string;
  used: number;
  /** Null where there is none. */
  limit: number | null;
  text?(amount: number): string;
}

/** How much of something is used, with a bar where it has a limit. */
export function Used({ name, used, limit, text = (amount) => count(Math.round(amount)) }: UsedParts) {
  const part = limit === null || limit === 0 ? 0 : Math.min(1, used / limit);
  return (
    <span className="used">
      <span className="row">
        <span className="dim">{name}</span>
        <span>
          {text(used)}
          {limit === null ? "" : ` of ${text(limit)}`}
        </span>
      </span>
      {limit !== null && (
        <span className="meter" role="img" aria-label={`${name}: ${Math.round(100 * part)}% used`}>
          <i className={part > scarce ? "s-suspect" : "s-busy"} style={{ width: `${100 * part}%` }} />
        </span>
      )}
    </span>
  );
}
