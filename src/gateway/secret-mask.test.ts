import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import fc from "../lib/properties.testing.ts";
import { SecretMask } from "./secret-mask.ts";
import { writtenForms } from "./secrets.ts";

test("a secret is blotted out wherever an answer is cut into parts, and nothing else is changed", () => {
  const secrets = ["aab", "aabab", "ba"];
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 });
  const cuts = fc.array(fc.nat(40), { maxLength: 6 });
  fc.assert(
    fc.property(text, cuts, (whole, places) => {
      const mask = new SecretMask(["aab"]);
      const parts = cut(whole, places).map((part) => mask.pass(Buffer.from(part)).toString());
      equal([...parts, mask.end()].join(""), whole.replaceAll("aab", "***"));

      const several = new SecretMask(secrets);
      const passed = cut(whole, places).map((part) => several.pass(Buffer.from(part)).toString());
      const all = [...passed, several.end()].join("");
      equal(all.length, whole.length);
      deepEqual(
        secrets.filter((secret) => all.includes(secret)),
        [],
      );
    }),
    { numRuns: 2_000 },
  );
});

test("only what a secret begins with is held back, and no longer than it may be one", () => {
  const mask = new SecretMask(["sk-123"]);
  equal(mask.pass(Buffer.from("data: sk\n\n")).toString(), "data: sk\n\n");
  equal(mask.pass(Buffer.from("data: sk-1")).toString(), "data: ");
  equal(mask.pass(Buffer.from("4")).toString(), "sk-14");
  equal(mask.pass(Buffer.from("sk-12")).toString(), "");
  equal(mask.end().toString(), "sk-12");
});

function cut(text: string, places: readonly number[]): string[] {
  const ends = [...places, text.length].map((place) => Math.min(place, text.length)).sort((a, b) => a - b);
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

test("a key is blotted out as JSON and URLs write it, too", () => {
  const key = 'k/1+2"3\\4&5\u00e9==';
  // As PHP, Gson, .NET, Python and a URL have it.
  const written = [
    JSON.stringify(key),
    String.raw`"k\/1+2\"3\\4&5é=="`,
    String.raw`"k/1+2\"3\\4\u00265é\u003d\u003d"`,
    String.raw`"k/1\u002B2\"3\\4\u00265\u00E9=="`,
    String.raw`"k/1+2\"3\\4&5\u00e9=="`,
    `"${encodeURIComponent(key)}"`,
  ];
  for (const text of written) {
    const mask = new SecretMask(writtenForms(key).sort((a, b) => b.length - a.length));
    const seen = mask.pass(Buffer.from(`data: ${text}\n\n`)).toString() + mask.end().toString();
    match(seen, /^data: "\*+"\n\n$/);
  }
  deepEqual(writtenForms("sk-ant-0123_abc"), ["sk-ant-0123_abc"]);
});
