/** Agents by state, searched and filtered by what the address says; what can be decided for all that were found. */
import { useMutation } from "@tanstack/react-query";
import type { AgentView, BulkAgents } from "../../../src/api/wire.ts";
import { forAgents, toldOf } from "../bulk.ts";
import { count, keyOf, shortAgent, usd } from "../format.ts";
import { follow, taskHref } from "../location.ts";
import { Empty, StateMark, Trouble } from "./basics.tsx";
import { ConfirmButton } from "./confirm.tsx";
import { Filters, statesOf } from "./filters.tsx";
import { say } from "./toasts.tsx";

const order = ["busy", "starting", "paused", "suspect", "idle", "draining", "lost", "ejected", "stopped"];
/** Beyond this the map is the better list. */
const maxShown = 500;

export function AgentList({ agents, query }: { agents: AgentView[]; query: URLSearchParams }) {
  const text = query.get("q") ?? "";
  const state = query.get("state") ?? "";
  const states = statesOf(agents, order, state);
  const found = agents
    .filter((agent) => (state === "" || agent.state === state) && fits(agent, text.toLowerCase()))
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return (
    <>
      <Filters label="Search agents" hint="Search agents" text={text} state={state} states={states} />
      {(state !== "" || text !== "") && <ForAll agents={found} />}
      {found.length === 0 && (
        <Empty title={agents.length > 0 ? "No agent fits" : "No agents yet"}>
          {agents.length > 0
            ? "Search for something else, or take the filter away."
            : "They appear as soon as the team has work for them."}
        </Empty>
      )}
      <ul className="rows plain" aria-label={`${found.length} agents`}>
        {found.slice(0, maxShown).map((agent) => (
          <Row key={agent.id} agent={agent} />
        ))}
      </ul>
      {found.length > maxShown && <p className="dim lead">and {count(found.length - maxShown)} more</p>}
    </>
  );
}

function Row({ agent }: { agent: AgentView }) {
  const { id, task, state, activity, reason, model, costUsd } = agent;
  const line = (
    <>
      <StateMark state={state} />
      <span className="title">
        <b>{shortAgent(id)}</b> <span className="dim">{task === null ? reason : `${keyOf(task)} ${activity}`}</span>
      </span>
      <span className="dim side">{model}</span>
      <span className="number">{costUsd > 0 ? usd(costUsd) : ""}</span>
    </>
  );
  return (
    <li>
      {task === null ? (
        <span className="line">{line}</span>
      ) : (
        <a href={taskHref(task)} onClick={follow}>
          {line}
        </a>
      )}
    </li>
  );
}

const pausable = new Set<AgentView["state"]>(["busy", "idle"]);
const killable = new Set<AgentView["state"]>(["busy", "idle", "paused", "suspect", "draining"]);
const did: Record<BulkAgents["action"], string> = { pause: "paused", resume: "resumed", kill: "killed" };
const undoes: Partial<Record<BulkAgents["action"], BulkAgents["action"]>> = { pause: "resume", resume: "pause" };

function ForAll({ agents }: { agents: AgentView[] }) {
  const act = useMutation({
    mutationFn: async ({ action, ids }: BulkAgents) => {
      const answer = await forAgents(action, ids);
      const back = undoes[action];
      say(toldOf(answer, "agent", did[action]), back ? () => act.mutate({ action: back, ids: answer.done }) : null);
    },
  });
  const among = (states: ReadonlySet<string>) => agents.filter(({ state }) => states.has(state)).map(({ id }) => id);
  const [toPause, paused, toKill] = [among(pausable), among(new Set(["paused"])), among(killable)];
  if (toKill.length === 0) return null;
  return (
    <div className="actions lead">
      {toPause.length > 0 && (
        <button type="button" onClick={() => act.mutate({ action: "pause", ids: toPause })}>
          Pause {count(toPause.length)}
        </button>
      )}
      {paused.length > 0 && (
        <button type="button" onClick={() => act.mutate({ action: "resume", ids: paused })}>
          Resume {count(paused.length)}
        </button>
      )}
      <ConfirmButton
        label={`Kill ${count(toKill.length)}`}
        className="danger"
        question={`Stop ${toKill.length === 1 ? "one agent" : `${count(toKill.length)} agents`}?`}
        onYes={() => act.mutate({ action: "kill", ids: toKill })}
      >
        <p className="dim">What they have done is kept. Their tasks go to others, and as many start in their place.</p>
      </ConfirmButton>
      <Trouble error={act.error} />
    </div>
  );
}

function fits({ id, task, activity, model }: AgentView, wanted: string): boolean {
  return [shortAgent(id), task ?? "", activity, model].some((each) => each.toLowerCase().includes(wanted));
}
