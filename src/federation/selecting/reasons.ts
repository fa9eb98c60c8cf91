/** Numbers for reasons, so that counting agents by reason takes no text. */
export type ReasonCode = number;

/** It is not looked at: not there, or without the skills, which are counted by bitmaps. */
export const absent: ReasonCode = 0;
/** It may be given the task. */
export const fits: ReasonCode = 1;

/** Past so many texts, others are told as `otherwise`: whoever holds agents back should not put numbers into the reason. */
const maxReasons = 1_000;
const otherwise = "held back";

/** Each reason is a code from 2 on, in the order of their first use. */
export class Reasons {
  readonly #texts: string[] = ["", ""];
  readonly #codes = new Map<string, ReasonCode>();

  codeOf(text: string): ReasonCode {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length >= maxReasons && text !== otherwise) return this.codeOf(otherwise);
    const code = this.#texts.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }

  textOf(code: ReasonCode): string {
    return this.#texts[code] ?? otherwise;
  }
}
