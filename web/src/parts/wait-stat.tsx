import { count, duration } from "../format.ts";
import type { Flow } from "../live/flow.ts";
import { Stat } from "./basics.tsx";

/** How long tasks wait for an agent: the longest that waits now, beside what those waited that were begun last. */
export function WaitStat({ flows }: { flows: readonly Flow[] }) {
  const queued = flows.reduce((sum, flow) => sum + flow.queued, 0);
  const longest = most(flows.map(({ longestMs }) => longestMs));
  const typical = most(flows.map(({ typicalMs }) => typicalMs));
  const note = typical === null ? "none has begun yet" : `usually ${duration(typical)}`;
  return (
    <Stat
      label="Queue wait"
      value={longest === null ? "none" : duration(longest)}
      note={queued === 0 ? note : `${count(queued)} queued, ${note}`}
    />
  );
}

function most(all: readonly (number | null)[]): number | null {
  const known = all.filter((each) => each !== null);
  return known.length === 0 ? null : Math.max(...known);
}
