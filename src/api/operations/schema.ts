/** Pieces of schemas that are also types: what checks a request, describes it in OpenAPI and types the client is one value. */
import type { Static, TSchema } from "typebox";
import { Type } from "./type.ts";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** A schema that says what type `T` of the wire says, neither less nor more: else it does not compile. */
export function of<T>() {
  return <S extends TSchema>(schema: S & (Same<Static<S>, T> extends true ? unknown : never)) => Type.Unsafe<T>(schema);
}

/** No other fields than these. */
export function object<P extends Record<string, TSchema>>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

export function orNull<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

export function oneOf<T extends string>(values: readonly T[]) {
  return Type.Unsafe<T>({ type: "string", enum: [...values] });
}

/** In a query: some of `values`, with commas between them. */
export function someOf(values: readonly string[], description: string) {
  const one = `(?:${values.join("|")})`;
  return Type.Optional(Type.String({ pattern: `^${one}(?:,${one})*$`, maxLength: 1_000, description }));
}

/** In a query: a number in plain digits, up to `digits` of them. */
export function digits(count: number, description: string) {
  return Type.Optional(Type.String({ pattern: `^\\d{1,${count}}$`, description }));
}

/** In a query: any short text. */
export function word(description: string) {
  return Type.Optional(Type.String({ maxLength: 300, description }));
}

export const text = Type.String();
export const count = Type.Integer({ minimum: 0 });
export const number = Type.Number();
export const time = Type.String({ format: "date-time" });
export const texts = Type.Array(text);

/** One page of a list, and where the next begins; null after the last. */
export function page<S extends TSchema>(item: S) {
  return object({ items: Type.Array(item), nextCursor: orNull(text) });
}

/** What every list may be asked for. */
export const paging = {
  limit: Type.Optional(
    Type.String({
      pattern: "^(?:[1-9]\\d{0,3}|10000)$",
      description: "Items of one page, from 1 to 10000. Default: all, up to 100000.",
    }),
  ),
  cursor: Type.Optional(
    Type.String({ pattern: "^[\\w-]{1,500}$", description: "`nextCursor` of the page before, for the page after it." }),
  ),
};
