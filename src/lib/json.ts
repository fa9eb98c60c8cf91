/** What JSON can hold, before anything is known of it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An object with unknown fields, checked field by field where untrusted input comes in. */
export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value in `text`, or undefined where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
