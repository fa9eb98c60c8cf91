/** A plan before it is carried out: how many tasks, what they wait for, how long and how much. */
import type { PlanAnswer } from "../../../src/api/wire.ts";
import { count, duration, usd } from "../format.ts";
import { Stat } from "./basics.tsx";

export function PlanPreview({ answer: { plan, costUsd, warnings, unmet } }: { answer: PlanAnswer }) {
  const { tasks, forecast } = plan;
  const [time, money] = [forecast?.makespanMs, forecast?.costUsd];
  return (
    <section className="panel" aria-label="The plan">
      <dl className="stats">
        <Stat label="Tasks" value={count(tasks.length)} note={`planned for ${usd(costUsd)}`} />
        <Stat
          label="Longest chain"
          value={forecast ? count(forecast.criticalPath.length) : "—"}
          note={forecast?.criticalPath.slice(0, 3).join(" → ")}
        />
        <Stat
          label="Takes"
          value={time ? `${duration(time.low)} – ${duration(time.high)}` : "unknown"}
          note={forecast?.basis}
        />
        <Stat label="Costs" value={money ? `${usd(money.low)} – ${usd(money.high)}` : "unknown"} />
      </dl>
      {[...warnings, ...unmet.map((quote) => `no task meets: ${quote}`)].map((text) => (
        <p key={text} className="warn">
          {text}
        </p>
      ))}
      <ol className="plan">
        {tasks.map(({ id, title, needs }) => (
          <li key={id}>
            <b>{id}</b> {title !== id && title}
            {needs.length > 0 && <span className="dim"> after {needs.join(", ")}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
