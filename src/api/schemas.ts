/** JSON schemas of the bodies that the API takes. They check form; meaning is checked where it is known. */

const text = { type: "string", maxLength: 200_000 } as const;
const tags = { type: "array", maxItems: 1_000, items: { type: "string", minLength: 1, maxLength: 10_000 } } as const;
const query = { type: "string", minLength: 1, maxLength: 1_000 } as const;
const count = { type: "integer", minimum: 1, maximum: 10_000 } as const;

function object(properties: Record<string, unknown>, required: string[]) {
  return { type: "object", additionalProperties: false, properties, required };
}

export const spawnSchema = object(
  {
    name: text,
    repo: text,
    count,
    min: { ...count, minimum: 0 },
    max: count,
    budgetUsd: { type: ["number", "null"], minimum: 0 },
    budgetTokens: { type: ["integer", "null"], minimum: 0 },
    model: text,
    runtime: text,
    skills: tags,
    gates: tags,
    plan: {},
    task: text,
    strategy: text,
    files: tags,
    query,
  },
  ["repo", "count"],
);

export const planSchema = object(
  {
    repo: text,
    goal: text,
    plan: {},
    model: text,
    parallelism: count,
    skills: tags,
    strategy: text,
    files: tags,
    query,
    keepUnmet: { type: "boolean" },
    budgetUsd: { type: "number", exclusiveMinimum: 0 },
  },
  ["repo"],
);

export const scaleSchema = object({ count, min: { ...count, minimum: 0 }, max: count }, []);
export const steerSchema = object({ text: { ...text, minLength: 1 } }, ["text"]);
export const backupSchema = object({ path: { ...text, minLength: 1 }, force: { type: "boolean" } }, ["path"]);
