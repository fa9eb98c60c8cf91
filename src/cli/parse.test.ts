import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { budget, tags, teamName, tokenBudget, whole } from "./parse.ts";

test("a budget is read with and without its sign, down to fractions of a cent", () => {
  deepEqual(
    ["$50", "50", "0.5", " $ 1.25 ", ".5", "0.0001"].map((given) => budget(given)),
    [50, 50, 0.5, 1.25, 0.5, 0.0001],
  );
});

test("a budget of tokens is read in plain digits and in thousands, millions and thousand millions", () => {
  deepEqual(["2000000", "2M", "1.5k", " 3 g "].map(tokenBudget), [2_000_000, 2_000_000, 1_500, 3e9]);
  for (const bad of ["0", "-1", "2 apples", "", "1e6", "2000G"])
    throws(() => tokenBudget(bad), { code: "OPTION_RANGE" });
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
