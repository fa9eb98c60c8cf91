import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import picomatch from "picomatch";
import fc from "../../lib/properties.testing.ts";
import { Claims, claimsOverlap } from "./claims.ts";

const overlap = (one: string, other: string) => {
  const answer = claimsOverlap([one], [other]);
  equal(claimsOverlap([other], [one]), answer, `${one} and ${other} the other way round`);
  return answer;
};

test("globs overlap where some path is meant by both", () => {
  const pairs: [string, string][] = [
    ["db/**", "db/schema.sql"],
    ["db/**", "**/*.sql"],
    ["**", "a/b/c"],
    ["src/*.ts", "src/index.*"],
    ["src/a*c", "src/*b*"],
    ["src/{a,b}/**", "src/b/x.ts"],
    ["./src/a", "/src/a"],
    ["src/[a-c].ts", "src/[c-z].ts"],
    ["**/x/**", "a/b/**"],
    ["a/**/z", "a/b/**/z"],
    ["v1.2", "v1.2/x"],
    ["v1.2", "v1.2/*.ts"],
  ];
  for (const [one, other] of pairs) ok(overlap(one, other), `${one} and ${other}`);
});

test("globs do not overlap where no path is meant by both", () => {
  const pairs: [string, string][] = [
    ["db/**", "dba/x"],
    ["src/*.ts", "src/*.js"],
    ["src/*.ts", "src/sub/x.ts"],
    ["a?", "abc"],
    ["src/{a,b}/**", "src/c/x.ts"],
    ["src/[a-c].ts", "src/[d-z].ts"],
    ["src/[!a].ts", "src/a.ts"],
    ["a/**/z.ts", "a/b/**/y.ts"],
    ["!a/**", "a/b"],
    ["src/index.ts", "**/*.test.ts"],
  ];
  for (const [one, other] of pairs) ok(!overlap(one, other), `${one} and ${other}`);
});

test("a claim on a folder is on all that is in it", () => {
  for (const claim of ["db", "db/"]) ok(overlap(claim, "db/migrations/1.sql"), claim);
  ok(!overlap("db", "dbx"));
});

test("what cannot be decided is taken to overlap", () => {
  for (const claim of [
    "src/!(a|b).ts",
    "src/../lib/x",
    "{a,b,c,d}{a,b,c,d}{a,b,c,d}{a,b,c,d}{a,b,c,d}",
    "src/{1..9}",
  ]) {
    ok(overlap(claim, claim.startsWith("{") ? "aabbc" : "src/c.ts"), claim);
  }
});

const name = fc.constantFrom("a", "b", "ab");
const segment = fc.oneof(name, fc.constantFrom("*", "**", "a*", "*b", "?", "{a,b}", "[ab]"));
const glob = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));

test("two globs that both match a path, as picomatch sees it, overlap", () => {
  fc.assert(
    fc.property(glob, glob, path, (one, other, file) => {
      if (picomatch.isMatch(file, one) && picomatch.isMatch(file, other)) ok(overlap(one, other), file);
    }),
    { numRuns: 3_000 },
  );
});

test("of two globs that overlap, some path is meant by both or lies in a folder that one of them is", () => {
  const names = ["a", "b", "ab", "x", "ax", "xb"];
  const under = (folders: string[]) => folders.flatMap((folder) => names.map((each) => `${folder}/${each}`));
  const paths = [names, under(names), under(under(names))].flat();
  const matcher = (claim: string) => picomatch(/^[a-z/{},]+$/.test(claim) ? [claim, `${claim}/**`] : [claim]);
  // picomatch takes `a/**` for `a` too, but not `*/**`.
  const short = fc
    .array(segment, { minLength: 1, maxLength: 2 })
    .filter((parts) => parts.at(-1) !== "**")
    .map((parts) => parts.join("/"));
  fc.assert(
    fc.property(short, short, (one, other) => {
      const [isOne, isOther] = [matcher(one), matcher(other)];
      equal(
        overlap(one, other),
        paths.some((file) => isOne(file) && isOther(file)),
        `${one} ${other}`,
      );
    }),
    { numRuns: 300 },
  );
});

test("whatever is held and released, a conflict is found exactly where a look at every holder finds one", () => {
  const files = fc.array(glob, { maxLength: 3 });
  const step = fc.record({ holder: fc.nat(6), files, release: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), files, (steps, asked) => {
      const claims = new Claims();
      const held = new Map<string, string[]>();
      for (const { holder, files: own, release } of steps) {
        const id = `t${holder}`;
        if (release) equal(claims.release(id), (held.get(id) ?? []).length > 0);
        else claims.hold(id, own);
        held.set(id, release ? [] : own);
        const slow = [...held].filter(([, theirs]) => claimsOverlap(theirs, asked)).map(([one]) => one);
        const found = claims.conflict(asked);
        equal(found !== undefined, slow.length > 0);
        if (found) ok(slow.includes(found.holder) && held.get(found.holder)?.includes(found.pattern));
        const [only] = slow;
        equal(claims.conflict(asked, only) !== undefined, slow.length > 1);
      }
    }),
  );
});

test("who holds is named with the claim that is in the way", () => {
  const claims = new Claims();
  claims.hold("t1/setup", ["docs/**", "db/**"]);
  deepEqual(claims.conflict(["db/x.sql"]), { holder: "t1/setup", pattern: "db/**" });
  deepEqual(claims.conflict(["db/x.sql"], "t1/setup"), undefined);
});
