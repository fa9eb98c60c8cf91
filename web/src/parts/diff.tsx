import { useQuery } from "@tanstack/react-query";
import type { AttemptDiff } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";
import { Trouble } from "./basics.tsx";

/** What an attempt changed, once its work is kept. */
export function Diff({ attempt, commit }: { attempt: string; commit: string | null }) {
  const { data, error } = useQuery({
    queryKey: ["diff", attempt, commit],
    queryFn: () => get<AttemptDiff>(apiPath`/api/v1/attempts/${attempt}/diff`),
    enabled: commit !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (commit === null) return <p className="dim">Nothing is kept yet: that happens when the agent has settled.</p>;
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Reading…</p>;
  return (
    <>
      {data.total > data.lines.length && (
        <p className="dim">
          The first {data.lines.length} of {data.total} lines.
        </p>
      )}
      <section
        className="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        aria-label="diff"
      >
        <pre>
          {data.lines.map((line, i) => (
            <span key={i} className={classOf(line)}>
              {line}
              {"\n"}
            </span>
          ))}
        </pre>
      </section>
    </>
  );
}

function classOf(line: string): string {
  if (/^(?:diff|index|---|\+\+\+|@@|new file|deleted file|similarity|rename) ?/.test(line)) return "heading";
  if (line.startsWith("+")) return "added";
  return line.startsWith("-") ? "removed" : "";
}
