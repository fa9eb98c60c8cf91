import type { AttemptBrief, TeamBrief } from "../model/link.ts";
import { splitFile } from "../model/plan.ts";

/** What an agent is told that goes on in the session of one that died, which was itself. */
export function resumePrompt(because: string): string {
  const cause = because === "" ? "" : ` (${because})`;
  return [
    `You were interrupted: the process that ran you died${cause}. This is the same conversation, in the same worktree, which is as it was left.`,
    "None of the commands that you started runs any more. What was under way may have had all, a part or none of its effect: look before you repeat it.",
    "Go on with the task from here. Do not begin again.",
  ].join("\n");
}

/** The same for a task that is a command, by its environment. */
export function told({ feedback, parts = [] }: AttemptBrief): Record<string, string> {
  return { GODEL_FEEDBACK: feedback, GODEL_PARTS: parts.join("\n") };
}

const splitOffer = `Should the task be far too large for one agent, split it instead: write ${splitFile} with \`tasks\`, a list of \`id\`, \`title\`, \`prompt\` and \`needs\`, and stop. Other changes that you made are then not merged.`;

/** What an agent is told of its task: the work, what its last attempt ran into, and what will be checked. */
export function promptFor(team: TeamBrief, attempt: AttemptBrief): string {
  const parts = [attempt.prompt.trim()];
  if (team.goal !== "") parts.push(`This is one task of a larger goal that others work on too: ${team.goal}`);
  if (attempt.feedback !== "") {
    parts.push(
      `An earlier attempt at this task did not count. You start from the newest state of the branch, without its changes. What it ran into:\n${attempt.feedback}`,
    );
  }
  if (attempt.parts) {
    parts.push(
      `The task was split before. These parts of it are done, and are in your worktree:\n${attempt.parts.map((part) => `- ${part}`).join("\n")}\nDo what is left of it, if anything is.`,
    );
  }
  if (attempt.maySplit && !attempt.parts) parts.push(splitOffer);
  if (attempt.gates.length > 0) {
    parts.push(`When you are done, these commands must pass:\n${attempt.gates.map((gate) => `- ${gate}`).join("\n")}`);
  }
  return parts.join("\n\n");
}
