/** Small pieces that every page is made of. */
import { type ReactNode, useEffect, useRef } from "react";
import { ApiError } from "../api.ts";
import { follow } from "../location.ts";

export function Stat({ label, value, note }: { label: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className="stat">
      <dt>{label}</dt>
      <dd>
        {value}
        {note !== undefined && <small>{note}</small>}
      </dd>
    </div>
  );
}

/** A state as a dot and its word: never told by colour alone. */
export function StateMark({ state }: { state: string }) {
  return (
    <span className="state">
      <i className={`dot s-${state}`} />
      {state}
    </span>
  );
}

export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="empty">
      <h1>{title}</h1>
      <p>{children}</p>
    </section>
  );
}

/** What went wrong and what to do about it. */
export function Trouble({ error }: { error: unknown }) {
  if (!error) return null;
  const hint = error instanceof ApiError ? error.hint : "The page goes on by itself when the engine answers again.";
  return (
    <p className="trouble" role="alert">
      {error instanceof ApiError ? error.message : "The engine does not answer."} <span>{hint}</span>
    </p>
  );
}

/** In place of a page of which nothing can be shown. */
export function Missing({ title, error }: { title: string; error: unknown }) {
  if (!(error instanceof ApiError)) return <Trouble error={error} />;
  return (
    <Empty title={title}>
      {error.message} {error.hint}{" "}
      <a href="/" onClick={follow}>
        Back to the fleet
      </a>
    </Empty>
  );
}

export function Tabs({ tabs, open, onOpen, label }: TabsParts) {
  const nav = useRef<HTMLElement>(null);
  // On a phone there are more than fit.
  useEffect(() => {
    const shown = nav.current?.querySelector<HTMLElement>("[aria-pressed=true]");
    if (nav.current && shown) nav.current.scrollLeft = shown.offsetLeft - nav.current.offsetLeft - 24;
  }, [open]);
  return (
    <nav ref={nav} className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <button key={tab} type="button" aria-pressed={tab === open} onClick={() => onOpen(tab)}>
          {tab}
        </button>
      ))}
    </nav>
  );
}

interface TabsParts {
  tabs: readonly string[];
  open: string;
  onOpen(tab: string): void;
  label: string;
}

/** Parts of a whole as one bar; what is left is the ground. */
export function Meter({ parts, total, label }: MeterParts) {
  return (
    <div className="meter" role="img" aria-label={label}>
      {parts.map(({ state, value }) => (
        <i key={state} className={`s-${state}`} style={{ width: `${total > 0 ? (100 * value) / total : 0}%` }} />
      ))}
    </div>
  );
}

interface MeterParts {
  parts: { state: string; value: number }[];
  total: number;
  label: string;
}
