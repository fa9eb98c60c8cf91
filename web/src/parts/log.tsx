import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { AttemptLog } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";
import { Trouble } from "./basics.tsx";

/** What an agent says and does, or what its gates print, as it comes. Follows the end, unless one has scrolled up. */
export function Log({ attempt, what, live }: { attempt: string; what: string; live: boolean }) {
  const place = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  const { data, error } = useQuery({
    queryKey: ["log", attempt, what, live],
    queryFn: () => get<AttemptLog>(apiPath`/api/v1/attempts/${attempt}/log?what=${what}&lines=2000`),
    placeholderData: (before) => before,
    refetchInterval: live ? 1_000 : false,
  });
  const lines = data?.lines ?? [];
  const { length } = lines;
  useEffect(() => {
    if (length > 0 && atEnd.current && place.current) place.current.scrollTop = place.current.scrollHeight;
  }, [length]);
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Reading…</p>;
  if (length === 0)
    return <p className="dim">{what === "gates" ? "No gate has printed anything." : "Nothing was said yet."}</p>;
  return (
    <>
      {data.total > length && (
        <p className="dim">
          The last {length} of {data.total} lines.
        </p>
      )}
      <section
        ref={place}
        className="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        aria-label={what}
        onScroll={({ currentTarget: box }) => {
          atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
        }}
      >
        <pre>{lines.join("\n")}</pre>
      </section>
    </>
  );
}
