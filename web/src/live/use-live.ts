import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { LiveTeam } from "./live-team.ts";

const teams = new Map<string, LiveTeam>();

function liveTeam(id: string): LiveTeam {
  const known = teams.get(id) ?? new LiveTeam(id);
  teams.set(id, known);
  return known;
}

/** The team, drawn anew with each change. */
export function useLiveTeam(id: string): LiveTeam {
  const team = liveTeam(id);
  useSyncExternalStore(team.subscribe, () => team.version);
  return team;
}

/** Several teams; the number grows with each change of any. */
export function useLiveTeams(ids: readonly string[]): { teams: LiveTeam[]; version: number } {
  const key = ids.join(" ");
  const live = useMemo(() => key.split(" ").filter(Boolean).map(liveTeam), [key]);
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const ends = live.map((team) => team.subscribe(() => setVersion((before) => before + 1)));
    return () => {
      for (const end of ends) end();
    };
  }, [live]);
  return { teams: live, version };
}
