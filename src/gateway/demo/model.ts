import type { ModelTarget } from "../../model/model-target.ts";
import { modelName } from "./script.ts";

export const demoProvider = "demo";
export const demoId = "scripted";

/** As pi describes models. Priced, in USD per million tokens, like a small real one, so that budgets can be tried out. */
export const demoTarget: ModelTarget = {
  provider: demoProvider,
  id: demoId,
  api: "openai-completions",
  description: {
    id: demoId,
    name: modelName,
    api: "openai-completions",
    provider: demoProvider,
    reasoning: false,
    input: ["text"],
    cost: { input: 0.25, output: 2, cacheRead: 0.025, cacheWrite: 0 },
    // Room for the largest file it rewrites, so that pi never compacts a conversation that the script reads.
    contextWindow: 1_000_000,
    maxTokens: 100_000,
    compat: { supportsStore: false, supportsDeveloperRole: false, supportsReasoningEffort: false },
  },
};
