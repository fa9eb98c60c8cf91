/** The last answer that a budget has room for: the agent is told so, and it is kept short. */
import { assert } from "../lib/assert.ts";
import type { Fields } from "../lib/json.ts";
import type { ModelApi } from "./apis.ts";
import type { AgentRequest } from "./request-body.ts";
import { written } from "./request-body.ts";
import type { ServedModel } from "./served-model.ts";

/** Tokens that a last answer may have, and must have room for. */
export const lastTokens = { wanted: 1_024, least: 256 } as const;

const note =
  "The budget of this task is used up: this is your last turn, and no tool will run after it. " +
  "What you have changed in the files is kept. Say in a few sentences what is done and what is missing.";

/** Whether `asked` has a form that a last turn can be made of. */
export function mayBeLast({ fields }: AgentRequest, { api }: ServedModel): boolean {
  return Array.isArray(fields[placeOf(api)]);
}

/** `asked` with the note at its end and without the use of tools. Writes the whole conversation anew: O(its bytes). */
export function lastTurn({ fields }: AgentRequest, { api }: ServedModel): AgentRequest {
  const where = placeOf(api);
  const said = fields[where];
  assert(Array.isArray(said), "a conversation that may have a last turn");
  const none = api === "anthropic-messages" ? { type: "none" } : "none";
  const choice: Fields = Array.isArray(fields.tools) && fields.tools.length > 0 ? { tool_choice: none } : {};
  return written({ ...fields, ...choice, [where]: [...said, { role: "user", content: note }] });
}

/** The field with the conversation. */
function placeOf(api: ModelApi): string {
  return api === "openai-responses" ? "input" : "messages";
}
