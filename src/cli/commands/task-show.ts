import type { AttemptView, TaskDetail } from "../../api/wire.ts";
import type { Resumption } from "../../model/records.ts";
import { tokenCount } from "../../model/usage.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { amount, stateColour, usd } from "../ui/format.ts";
import type { Style } from "../ui/style.ts";
import { facts } from "../ui/table.ts";

export default async function taskShow(this: Cli, flags: JsonFlag, name: string): Promise<void> {
  const task = await clientOf(this.home).call("getTask", { params: { task: name } });
  print(this, flags, task, () => taskText(task, this.out.style));
}

export function taskText(task: TaskDetail, style: Style): string {
  const head = `${style.bold(task.key)}  ${stateColour(style, task.state)}  ${task.title}\n`;
  const lines = facts(
    [
      ["id", task.id],
      ["needs", task.needs.join(", ")],
      ["needed by", task.dependents.join(", ")],
      ["skills", task.skills.join(", ")],
      ["files", task.files.join(", ")],
      ["gates", task.gates.join("; ")],
      ["cost", usd(task.costUsd)],
      ["commit", task.commit ?? ""],
      ["failure", task.failure ? `${task.failure.reason}: ${task.failure.detail}` : ""],
    ],
    style,
  );
  const attempts = task.attemptList.map((attempt) => attemptText(attempt, style)).join("");
  return `${head}${lines}\n${indent(task.prompt)}\n${attempts && `\n${attempts}`}`;
}

function attemptText(attempt: AttemptView, style: Style): string {
  const head = `attempt ${attempt.number}  ${attempt.state}  ${style.dim(attempt.agent)}\n`;
  return (
    head +
    facts(
      [
        ["cost", usd(attempt.costUsd)],
        ["resumed", attempt.resumption ? resumptionText(attempt.resumption) : ""],
        ["work", attempt.commit ? `${attempt.commit.slice(0, 12)}  ${attempt.ref}` : ""],
        ["why", attempt.failure ? `${attempt.failure.reason}: ${attempt.failure.detail}` : ""],
        ["transcript", attempt.transcript ?? ""],
      ],
      style,
    )
  );
}

function resumptionText(resumption: Resumption): string {
  const from = `attempt ${resumption.from.split("/").at(-1)}`;
  if ("refused" in resumption) return `no, from the start: ${from} could not be gone on from: ${resumption.refused}`;
  const { saved } = resumption;
  return `in the session of ${from}; not spent again: ${amount(tokenCount(saved))} tokens, ${usd(saved.costUsd)}`;
}

function indent(text: string): string {
  return text.trim().replace(/^/gm, "  ");
}
