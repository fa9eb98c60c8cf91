/** What is to become of agents whose providers are all out: the same three answers as `godel team answer`. */
import { useState } from "react";
import type { AttentionGroup, TeamAnswer } from "../../../src/api/wire.ts";
import { apiPath, post } from "../api.ts";
import { ConfirmButton } from "./confirm.tsx";
import { say } from "./toasts.tsx";

interface OutageParts {
  group: AttentionGroup;
  onDecide(decide: () => Promise<void>): void;
}

export function AnswerOutage({ group: { team }, onDecide }: OutageParts) {
  const [model, setModel] = useState("");
  if (!team) return null;
  const answer = (body: TeamAnswer, told: string) =>
    onDecide(async () => {
      await post(apiPath`/api/v1/teams/${team.id}/answer`, body);
      say(`${team.name} ${told}`);
    });
  return (
    <>
      <ConfirmButton
        label="Use another model"
        className="primary"
        question={`Which model may ${team.name} use meanwhile?`}
        onYes={() => answer({ answer: "use", model }, `may use ${model} while its own providers are out.`)}
      >
        <label className="field">
          <span>PROVIDER/ID, of the same API</span>
          <input required value={model} onChange={(event) => setModel(event.target.value)} />
        </label>
      </ConfirmButton>
      <button type="button" onClick={() => answer({ answer: "wait" }, "waits for its own providers.")}>
        Wait
      </button>
      <ConfirmButton
        label="Give up"
        className="danger"
        question={`Cancel what waits for a provider in ${team.name}?`}
        onYes={() => answer({ answer: "give-up" }, "gives up the tasks that wait for a provider.")}
      >
        <p className="dim">What they have done is kept; they can be retried.</p>
      </ConfirmButton>
    </>
  );
}
