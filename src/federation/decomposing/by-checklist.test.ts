import { deepEqual, equal, match, throws } from "node:assert/strict";
import { test } from "node:test";
import { isChecklist, planByChecklist } from "./by-checklist.ts";

/** Tasks with their needs, as `id: need need`. */
function graphOf(text: string): string[] {
  return planByChecklist(text).tasks.map(({ id, needs }) => `${id}: ${needs.join(" ")}`.trim());
}

test("what is nested comes before its item; items side by side do not wait for each other", () => {
  deepEqual(graphOf("- Build API\n  - Write schema\n  - Write routes\n- Write docs"), [
    "write-schema:",
    "write-routes:",
    "build-api: write-schema write-routes",
    "write-docs:",
  ]);
});

test("numbered items follow one another, with all that is nested in them", () => {
  deepEqual(graphOf("1. One\n2. Two\n   - Inner\n   - Other\n3. Three"), [
    "one:",
    "inner: one",
    "other: one",
    "two: inner other",
    "three: two",
  ]);
});

test("ticked items are done, and an item that ends with a colon is only the name of its group", () => {
  deepEqual(graphOf("1. [x] One\n2. Group:\n   - A\n   - [X] B\n   - C\n3. [ ] Last"), ["a:", "c:", "last: a c"]);
});

test("the words around a list go with every task, and equal items get ids of their own", () => {
  const { goal, tasks } = planByChecklist("# Tidy up\n\nUse tabs.\n\n- Fix it\n- Fix it\n\n  In `b.js`.");
  equal(goal, "Tidy up");
  deepEqual(
    tasks.map(({ id }) => id),
    ["fix-it", "fix-it-2"],
  );
  match(tasks[1]?.prompt ?? "", /^Fix it\n\nIn `b\.js`\.\n\nIt is one item of this:\n# Tidy up\n\nUse tabs\.$/);
});

test("prose is no checklist, nor is a list of one; a list with nothing left to do is refused", () => {
  equal(isChecklist("Implement OAuth - with tests"), false);
  equal(isChecklist("- Only this"), false);
  equal(isChecklist("- This\n- and that"), true);
  throws(() => planByChecklist("- [x] a\n- [x] b"), { code: "PLAN_REFUSED", message: /still open/ });
  const deep = Array.from({ length: 30 }, (_, i) => `${"  ".repeat(i)}- level ${i}`).join("\n");
  throws(() => planByChecklist(deep), { code: "PLAN_REFUSED", message: /more than 20 deep/ });
});
