import { useQuery } from "@tanstack/react-query";
import type { AttemptLog } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";
import { Trouble } from "./basics.tsx";
import { useFollowEnd } from "./follow-end.ts";

/** What the gates of an attempt print, as it comes. */
export function GateLog({ attempt, live }: { attempt: string; live: boolean }) {
  const { data, error } = useQuery({
    queryKey: ["gates", attempt, live],
    queryFn: () => get<AttemptLog>(apiPath`/api/v1/attempts/${attempt}/log?what=gates&lines=2000`),
    refetchInterval: live ? 1_000 : false,
  });
  const lines = data?.lines ?? [];
  const { length } = lines;
  const end = useFollowEnd(length);
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Reading…</p>;
  if (length === 0) return <p className="dim">No gate has printed anything.</p>;
  return (
    <>
      {data.total > length && (
        <p className="dim">
          The last {length} of {data.total} lines.
        </p>
      )}
      <section
        {...end}
        className="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        aria-label="gates"
      >
        <pre>{lines.join("\n")}</pre>
      </section>
    </>
  );
}
