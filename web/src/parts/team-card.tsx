import type { ReactNode } from "react";
import type { TeamSummary } from "../../../src/api/wire.ts";
import { count } from "../format.ts";
import { follow, teamHref } from "../location.ts";
import { Meter, StateMark } from "./basics.tsx";

/** A team at a glance. `more` stands behind its tasks, `children` at the other end of that line. */
export function TeamCard({ team, more = "", children }: { team: TeamSummary; more?: string; children: ReactNode }) {
  const { done, failed, total } = team.tasks;
  const parts = [
    { state: "done", value: done },
    { state: "failed", value: failed },
  ];
  return (
    <li>
      <a className="card" href={teamHref(team.id)} onClick={follow}>
        <span className="row">
          <b>{team.name}</b>
          <StateMark state={team.state} />
        </span>
        <span className="dim clamp">{team.goal || team.repo}</span>
        <Meter parts={parts} total={total} label={`${done} of ${total} tasks done, ${failed} failed`} />
        <span className="row dim">
          <span>
            {count(done)} / {count(total)} tasks{more}
          </span>
          {children}
        </span>
      </a>
    </li>
  );
}
