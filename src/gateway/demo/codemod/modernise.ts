import MagicString from "magic-string";
import { analyse } from "./analyse.ts";
import { factsOf, judge } from "./judge.ts";
import { parseSource } from "./syntax.ts";

export interface Modernised {
  code: string;
  /** Statements turned into each, and left as they were. */
  consts: number;
  lets: number;
  kept: number;
}

/**
 * `code` with `var` as `const` or `let` wherever scope analysis proves that nothing changes; nothing else is touched.
 * Undefined when it does not parse as JavaScript.
 */
export function modernise(code: string): Modernised | undefined {
  const source = parseSource(code);
  if (!source) return undefined;
  const analysis = analyse(source);
  const facts = factsOf(analysis, source.module);
  const text = new MagicString(code);
  const counts = { const: 0, let: 0, var: 0 };
  for (const declaration of analysis.declarations) {
    const verdict = judge(declaration, facts);
    counts[verdict]++;
    if (verdict !== "var") text.update(declaration.start, declaration.start + "var".length, verdict);
  }
  return { code: text.toString(), consts: counts.const, lets: counts.let, kept: counts.var };
}
