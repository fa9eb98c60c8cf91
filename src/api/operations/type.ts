import type typebox from "typebox";

type Schema = Record<string, unknown>;
type Builders = Pick<
  typeof typebox,
  | "Array"
  | "Boolean"
  | "Integer"
  | "Literal"
  | "Null"
  | "Number"
  | "Object"
  | "Optional"
  | "Record"
  | "String"
  | "Union"
  | "Unknown"
  | "Unsafe"
>;

/** Marks a field that may be absent: `Object` does not require it. It is no part of the schema. */
const optional = Symbol("optional");

function plain(type: string) {
  return (options?: Schema) => ({ type, ...options });
}

/**
 * The few builders of typebox that the API needs, with its types: what they make is JSON Schema (2020-12), nothing more.
 * typebox itself is 370 modules, which an engine that starts anew would load for a tenth of a second before it gives out
 * work. A test holds each of these to what typebox makes.
 */
export const Type = {
  Array: (items: Schema, options?: Schema) => ({ type: "array", items, ...options }),
  Boolean: plain("boolean"),
  Integer: plain("integer"),
  Literal: (value: string | number | boolean) => ({ type: typeof value, const: value }),
  Null: plain("null"),
  Number: plain("number"),
  Object(properties: Record<string, Schema>, options?: Schema) {
    const required = Object.keys(properties).filter((name) => !(optional in (properties[name] ?? {})));
    return { type: "object", ...(required.length > 0 && { required }), properties, ...options };
  },
  Optional: (schema: Schema) => ({ ...schema, [optional]: true }),
  Record: (_keys: Schema, values: Schema) => ({ type: "object", patternProperties: { "^.*$": values } }),
  String: plain("string"),
  Union: (anyOf: Schema[]) => ({ anyOf }),
  Unknown: (options?: Schema) => ({ ...options }),
  Unsafe: (schema: Schema) => schema,
} as unknown as Builders;
