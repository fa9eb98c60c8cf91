import type { ToolSpec } from "../../model/chat.ts";

const text = { type: "string" } as const;
const texts = { type: "array", items: text } as const;

function object(properties: Record<string, unknown>, required: string[]) {
  return { type: "object", properties, required, additionalProperties: false } as const;
}

/** The call by which a planner answers. `checkPlan` in `model/plan.ts` is what decides; this tells the model its form. */
export const planTool: ToolSpec = {
  name: "submit_plan",
  description: "Hands in the whole plan.",
  parameters: object(
    {
      gates: {
        ...texts,
        description: "Shell commands that must pass before any work counts; only such that pass now.",
      },
      tasks: {
        type: "array",
        items: object(
          {
            id: { ...text, description: "Unique; [a-z0-9-]." },
            title: { ...text, description: "One line." },
            prompt: { ...text, description: "What the agent is told; it sees nothing else." },
            needs: { ...texts, description: "Ids of tasks that must be done first." },
            skills: texts,
            files: { ...texts, description: "Globs of what it will touch." },
            gates: { ...texts, description: "Shell commands that must pass besides the plan's." },
            weight: { type: "number", description: "Expected work beside the others; 1 is usual." },
            diff: {
              type: "string",
              enum: ["required", "optional"],
              description: "optional: to change nothing may be right.",
            },
          },
          ["id", "title", "prompt", "needs"],
        ),
      },
      demands: {
        type: "array",
        description: "Each thing that the goal asks for.",
        items: object({ quote: { ...text, description: "Word for word from the goal." }, tasks: texts }, [
          "quote",
          "tasks",
        ]),
      },
    },
    ["tasks", "demands"],
  ),
};
