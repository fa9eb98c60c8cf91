/** What needs a person, grouped by cause: one decision for all of a group. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AttentionGroup } from "../../../src/api/wire.ts";
import { apiPath, post } from "../api.ts";
import { forAgents, forTasks, toldOf } from "../bulk.ts";
import { ago, count, keyOf, shortAgent, usd } from "../format.ts";
import { useAttention } from "../live/use-attention.ts";
import { follow, taskHref, teamHref } from "../location.ts";
import { AnswerOutage } from "../parts/answer-outage.tsx";
import { Empty, Trouble } from "../parts/basics.tsx";
import { ConfirmButton } from "../parts/confirm.tsx";
import { say } from "../parts/toasts.tsx";

export function AttentionPage() {
  const { data, error } = useAttention();
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Looking…</p>;
  if (data.length === 0) {
    return (
      <Empty title="Nothing needs you">
        What fails for good, runs out of its budget, is paused or waits for a provider without end appears here.
      </Empty>
    );
  }
  return (
    <>
      <h1>Needs you</h1>
      <p className="dim lead">
        {data.length === 1 ? "One cause" : `${count(data.length)} causes`}; what holds up most comes first.
      </p>
      <Trouble error={error} />
      <ul className="queue">
        {data.map((group) => (
          <Group key={group.key} group={group} />
        ))}
      </ul>
    </>
  );
}

function Group({ group }: { group: AttentionGroup }) {
  const { team, title, heldUp, since, items, actions } = group;
  return (
    <li className={actions.length > 0 ? "panel" : "panel told"}>
      <div className="row">
        <div>
          <h2>{title}</h2>
          <p className="dim">
            {team && (
              <a href={teamHref(team.id)} onClick={follow}>
                {team.name}
              </a>
            )}
            {heldUp > 0 && ` · holds up ${heldUp === 1 ? "1 task" : `${count(heldUp)} tasks`}`}
            {since !== null && ` · ${ago(since)}`}
          </p>
        </div>
        <Decision group={group} />
      </div>
      {items.length > 0 && <Items group={group} />}
    </li>
  );
}

function Items({ group: { items, count: all } }: { group: AttentionGroup }) {
  return (
    <details>
      <summary className="dim">{all === 1 ? "which" : `which ${count(all)}`}</summary>
      <ul className="which">
        {items.map(({ id, detail }) => (
          <li key={id}>
            {id.includes("/") ? (
              <a href={taskHref(id)} onClick={follow}>
                {keyOf(id)}
              </a>
            ) : (
              <b>{shortAgent(id)}</b>
            )}{" "}
            <span className="dim">{detail.split("\n", 1)[0]}</span>
          </li>
        ))}
        {all > items.length && <li className="dim">and {count(all - items.length)} more</li>}
      </ul>
    </details>
  );
}

function Decision({ group }: { group: AttentionGroup }) {
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (decide: () => Promise<void>) => decide(),
    onSettled: () => queries.invalidateQueries({ queryKey: ["attention"] }),
  });
  const { actions, count: all, title, items, team } = group;
  const ids = items.map(({ id }) => id);
  return (
    <div className="actions">
      {actions.includes("retry") && (
        <ConfirmButton
          label={all === 1 ? "Retry" : `Retry all ${count(ids.length)}`}
          className="primary"
          question={`${title}. Try ${all === 1 ? "it" : "them"} again?`}
          disabled={act.isPending}
          onYes={() => act.mutate(async () => say(toldOf(await forTasks("retry", ids), "task", "queued again")))}
        >
          <p className="dim">Each begins a new attempt; what it needs may cost as much as before.</p>
        </ConfirmButton>
      )}
      {actions.includes("raise-budget") && <RaiseBudget group={group} onDecide={act.mutate} />}
      {actions.includes("answer") && <AnswerOutage group={group} onDecide={act.mutate} />}
      {actions.includes("resume-team") && team && (
        <button
          type="button"
          className="primary"
          onClick={() =>
            act.mutate(async () => {
              await post(apiPath`/api/v1/teams/${team.id}/resume`);
              say(`${team.name} goes on.`, () => void post(apiPath`/api/v1/teams/${team.id}/pause`));
            })
          }
        >
          Resume
        </button>
      )}
      {actions.includes("resume-agents") && (
        <button
          type="button"
          className="primary"
          onClick={() =>
            act.mutate(async () => {
              const answer = await forAgents("resume", ids);
              say(toldOf(answer, "agent", "resumed"), () => void forAgents("pause", answer.done));
            })
          }
        >
          {all === 1 ? "Resume" : `Resume ${count(ids.length)}`}
        </button>
      )}
      <Trouble error={act.error} />
    </div>
  );
}

/** Asks for the new budget; what failed for lack of it is tried again with it. */
function RaiseBudget({ group, onDecide }: { group: AttentionGroup; onDecide(decide: () => Promise<void>): void }) {
  const { team, budgetUsd, items } = group;
  const [amount, setAmount] = useState(String(suggestion(budgetUsd ?? 0)));
  if (!team || budgetUsd === null) return null;
  const raise = async () => {
    await post(apiPath`/api/v1/teams/${team.id}/budget`, { budgetUsd: Number(amount) });
    const ids = items.map(({ id }) => id);
    const retried = ids.length === 0 ? "" : ` ${toldOf(await forTasks("retry", ids), "task", "queued again")}`;
    say(`${team.name} may spend ${usd(Number(amount))}.${retried}`);
  };
  return (
    <ConfirmButton
      label="Raise budget"
      className="primary"
      question={`How much may ${team.name} spend in all?`}
      onYes={() => onDecide(raise)}
    >
      <label className="field">
        <span>USD, now {usd(budgetUsd)}</span>
        <input
          type="number"
          min={budgetUsd}
          step="any"
          required
          value={amount}
          onChange={(event) => setAmount(event.target.value)}
        />
      </label>
      {items.length > 0 && <p className="dim">What failed for lack of money is tried again.</p>}
    </ConfirmButton>
  );
}

/** Half as much again, to two digits. */
function suggestion(budgetUsd: number): number {
  return Number((budgetUsd * 1.5).toPrecision(2));
}
