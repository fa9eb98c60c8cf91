import { useQuery } from "@tanstack/react-query";
import type { AttemptDiff, AttemptView } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";
import { count } from "../format.ts";
import { Trouble } from "./basics.tsx";

interface DiffParts {
  attempt: Pick<AttemptView, "id" | "commit" | "endedAt">;
}

/** How long after its end the work of an attempt may still be on its way to the repository, in ms. */
const keptWithinMs = 60_000;

/** What an attempt changed, once its work is kept; for one that was given up that is a moment after its end. */
export function Diff({ attempt: { id, commit, endedAt } }: DiffParts) {
  const fresh = endedAt !== null && Date.now() - Date.parse(endedAt) < keptWithinMs;
  const { data, error } = useQuery({
    queryKey: ["diff", id, commit, endedAt],
    queryFn: () => get<AttemptDiff>(apiPath`/api/v1/attempts/${id}/diff`),
    enabled: commit !== null || endedAt !== null,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (fresh && state.data?.commit === null ? 1_500 : false),
  });
  if (commit === null && endedAt === null) {
    return <p className="dim">Nothing is kept yet: that happens when the agent has settled, or is stopped.</p>;
  }
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Reading…</p>;
  if (data.commit === null) {
    return <p className="dim">{fresh ? "Its work is being kept…" : "This attempt changed nothing."}</p>;
  }
  return (
    <>
      <Size lines={data.lines} total={data.total} />
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

/** How much was changed, before one reads it. */
function Size({ lines, total }: { lines: readonly string[]; total: number }) {
  const classes = lines.map(classOf);
  const of = (name: string) => count(classes.filter((each) => each === name).length);
  const files = lines.filter((line) => line.startsWith("diff --git")).length;
  return (
    <p className="dim lead">
      {files === 1 ? "1 file" : `${count(files)} files`}, <b className="plus">+{of("added")}</b>{" "}
      <b className="minus">−{of("removed")}</b>
      {total > lines.length && `, in the first ${count(lines.length)} of ${count(total)} lines`}
    </p>
  );
}

function classOf(line: string): string {
  if (/^(?:diff|index|---|\+\+\+|@@|new file|deleted file|similarity|rename) ?/.test(line)) return "heading";
  if (line.startsWith("+")) return "added";
  return line.startsWith("-") ? "removed" : "";
}
