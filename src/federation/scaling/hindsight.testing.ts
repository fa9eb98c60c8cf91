/**
 * The least that any rule can pay that knows all that will come, for agents that are at work as `busy` says in each second.
 *
 * An agent is kept over a gap of up to `keepS` seconds and let go over a longer one. Taken level by level (how many there
 * are at least), that is the least of agent-hours for its spawns and of spawns for its agent-hours: what one level does
 * changes no other.
 */
export function hindsight(busy: readonly number[], { keepS, startUpS }: { keepS: number; startUpS: number }) {
  const leftAt: (number | undefined)[] = [];
  let [agentSeconds, spawns, before] = [0, 0, 0];
  for (const [at, now] of busy.entries()) {
    agentSeconds += now;
    for (let level = before; level < now; level++) {
      const gap = at - (leftAt[level] ?? Number.NEGATIVE_INFINITY);
      const kept = gap <= keepS;
      spawns += kept ? 0 : 1;
      agentSeconds += kept ? gap : startUpS;
    }
    for (let level = now; level < before; level++) leftAt[level] = at;
    before = now;
  }
  return { agentHours: agentSeconds / 3_600, spawns };
}

/** The fewest spawns for no more than so many agent-hours. */
export function fewestSpawns(
  busy: readonly number[],
  { agentHours, startUpS }: { agentHours: number; startUpS: number },
) {
  let fewest = Number.POSITIVE_INFINITY;
  for (let keepS = 0; keepS <= 900; keepS += 5) {
    const paid = hindsight(busy, { keepS, startUpS });
    if (paid.agentHours <= agentHours) fewest = Math.min(fewest, paid.spawns);
  }
  return fewest;
}
