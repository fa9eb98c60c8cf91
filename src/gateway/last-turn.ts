/** The last answer that a budget has room for: the agent is told so, and it is kept short. */
import type { Fields } from "../lib/json.ts";
import type { AgentRequest } from "./request-body.ts";
import { written } from "./request-body.ts";
import type { ServedModel } from "./served-model.ts";

/** Tokens that a last answer may have, and must have room for. */
export const lastTokens = { wanted: 1_024, least: 256 } as const;

const note =
  "The budget of this task is used up: this is your last turn, and no tool will run after it. " +
  "What you have changed in the files is kept. Say in a few sentences what is done and what is missing.";

/** `asked` with the note at its end and without the use of tools, or undefined where its form is not known. */
export function lastTurn({ fields }: AgentRequest, { api }: ServedModel): AgentRequest | undefined {
  const where = api === "openai-responses" ? "input" : "messages";
  const said = fields[where];
  if (!Array.isArray(said)) return undefined;
  const none = api === "anthropic-messages" ? { type: "none" } : "none";
  const choice: Fields = Array.isArray(fields.tools) && fields.tools.length > 0 ? { tool_choice: none } : {};
  return written({ ...fields, ...choice, [where]: [...said, { role: "user", content: note }] });
}
