/** What a person can do to a task, and to the agent that works on it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AgentView, TaskDetail } from "../../../src/api/wire.ts";
import { apiPath, post } from "../api.ts";
import { shortAgent } from "../format.ts";
import { StateMark, Trouble } from "./basics.tsx";
import { ConfirmButton } from "./confirm.tsx";
import { say } from "./toasts.tsx";

const retryable = new Set(["failed", "skipped", "cancelled"]);
const open = new Set(["blocked", "queued", "running", "verifying"]);

export function TaskControls({ task }: { task: TaskDetail }) {
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (action: string) => post(`${apiPath`/api/v1/tasks/${task.id}`}/${action}`),
    onSuccess: (_task, action) => {
      if (action === "reassign") say(`${task.key} waits for another agent.`);
      if (action === "cancel") say(`${task.key} is cancelled.`, () => act.mutate("retry"));
      return queries.invalidateQueries({ queryKey: ["task", task.id] });
    },
  });
  return (
    <>
      {retryable.has(task.state) && (
        <button type="button" className="primary" onClick={() => act.mutate("retry")}>
          Retry
        </button>
      )}
      {task.state === "running" && (
        <ConfirmButton
          label="Reassign"
          question={`Give ${task.key} to another agent?`}
          onYes={() => act.mutate("reassign")}
        >
          <p className="dim">
            What was done is kept, and the next agent begins anew. {task.agent ? shortAgent(task.agent) : "The agent"}{" "}
            goes on with other work.
          </p>
        </ConfirmButton>
      )}
      {open.has(task.state) && (
        <button type="button" className="danger" onClick={() => act.mutate("cancel")}>
          Cancel task
        </button>
      )}
      <Trouble error={act.error} />
    </>
  );
}

export function AgentControls({ agent }: { agent: AgentView }) {
  const [text, setText] = useState("");
  const path = apiPath`/api/v1/agents/${agent.id}`;
  const act = useMutation({ mutationFn: (action: string) => post(`${path}/${action}`) });
  const steer = useMutation({ mutationFn: () => post(`${path}/steer`, { text }), onSuccess: () => setText("") });
  return (
    <section className="panel controls" aria-label="The agent">
      <p className="row">
        <span>
          <b>{shortAgent(agent.id)}</b> <StateMark state={agent.state} /> <span className="dim">{agent.activity}</span>
        </span>
        <span className="actions">
          {agent.state === "paused" ? (
            <button type="button" className="primary" onClick={() => act.mutate("resume")}>
              Resume agent
            </button>
          ) : (
            <button type="button" onClick={() => act.mutate("pause")}>
              Pause agent
            </button>
          )}
          <ConfirmButton
            label="Kill agent"
            className="danger"
            question={`Stop ${shortAgent(agent.id)}?`}
            onYes={() => act.mutate("kill")}
          >
            <p className="dim">
              What it has done is kept. Its task goes back to the queue, for another agent; one starts in its place.
            </p>
          </ConfirmButton>
        </span>
      </p>
      <form
        className="steer"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "") steer.mutate();
        }}
      >
        <input
          value={text}
          aria-label="Tell the agent"
          placeholder="Tell the agent something before its next step"
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" disabled={text.trim() === "" || steer.isPending}>
          Steer
        </button>
      </form>
      {steer.isSuccess && text === "" && (
        <p className="dim" role="status">
          Told; it reads that before its next step.
        </p>
      )}
      <Trouble error={act.error ?? steer.error} />
    </section>
  );
}
