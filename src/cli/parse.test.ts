import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { budget, tags, teamName, whole } from "./parse.ts";

test("a budget is read with and without its sign, down to fractions of a cent", () => {
  deepEqual(["$50", "50", "0.5", " $ 1.25 ", ".5", "0.0001"].map(budget), [50, 50, 0.5, 1.25, 0.5, 0.0001]);
});

test("a whole number is taken at both ends of its range, and not past them", () => {
  const parse = whole("--n", 1, 3);
  deepEqual([parse("1"), parse("3")], [1, 3]);
  for (const bad of ["0", "4", "1.5", "0x2", "two", "", " "]) throws(() => parse(bad), { code: "OPTION_RANGE" });
});

test("skills are split at commas", () => {
  deepEqual(tags("sql, c++,node.js"), ["sql", "c++", "node.js"]);
});

test("a team's name is fit for a branch, up to 40 characters", () => {
  equal(teamName("a".repeat(40)), "a".repeat(40));
  for (const bad of ["a".repeat(41), "-a", "A", "a/b", "a..b", ""])
    throws(() => teamName(bad), { code: "OPTION_RANGE" });
});
