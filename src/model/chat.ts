/** What a model is asked for one answer. */
import type { Fields } from "../lib/json.ts";

/** A tool that the model is to call; its arguments are the answer. */
export interface ToolSpec {
  /** [a-z_], at most 64 characters. */
  name: string;
  description: string;
  /** A JSON Schema of an object. */
  parameters: Fields;
}

export interface ChatMessage {
  role: "system" | "user" | "assistant";
  text: string;
}
