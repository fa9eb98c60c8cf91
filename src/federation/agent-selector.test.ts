import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { AgentSelector } from "./agent-selector.ts";

const selector = new AgentSelector();
const free = [
  { id: "a1", skills: ["sql"] },
  { id: "a2", skills: ["sql", "testing"] },
  { id: "a3", skills: ["testing"] },
];

test("takes the agent that has been free for longest when no skill is required", () => {
  equal(selector.selectAgent({ requiredSkills: [] }, free).agent?.id, "a1");
});

test("takes the first agent that has every required skill", () => {
  equal(selector.selectAgent({ requiredSkills: ["testing", "sql"] }, free).agent?.id, "a2");
});

test("says how many free agents lacked each skill when none fits", () => {
  const selection = selector.selectAgent({ requiredSkills: ["rust", "sql"] }, free);
  deepEqual(selection, { agent: null, rejected: { rust: 3, sql: 1 } });
});

test("rejects nobody when nobody is free", () => {
  deepEqual(selector.selectAgent({ requiredSkills: ["sql"] }, []), { agent: null, rejected: {} });
});
